// A real PDS (npm: @atproto/pds) with a PLC directory of its own, both on 127.0.0.1, everything in a folder.
// Arguments: the folder. It prints one line of JSON when it listens.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Secp256k1Keypair } from "@atproto/crypto";
import { PDS, envToCfg, envToSecrets } from "@atproto/pds";
import plc from "@did-plc/server";

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

const folder = process.argv[2];
mkdirSync(join(folder, "blobs"), { recursive: true });
const plcPort = await freePort();
const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort });
await directory.start();

const port = await freePort();
const key = await Secp256k1Keypair.create({ exportable: true });
const hex = () => randomBytes(16).toString("hex");
const env = {
  devMode: true,
  hostname: "localhost",
  port,
  didPlcUrl: `http://127.0.0.1:${plcPort}`,
  dataDirectory: folder,
  blobstoreDiskLocation: join(folder, "blobs"),
  serviceHandleDomains: [".test"],
  inviteRequired: false,
  rateLimitsEnabled: true,
  blobUploadLimit: 1_000_000,
  jwtSecret: hex(),
  adminPassword: hex(),
  plcRotationKeyK256PrivateKeyHex: Buffer.from(await key.export()).toString("hex"),
  recoveryDidKey: key.did(),
  dpopSecret: randomBytes(32).toString("hex"),
};
const pds = await PDS.create(envToCfg(env), envToSecrets(env));
await pds.start();
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, admin: env.adminPassword }));
