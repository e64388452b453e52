// An OpenID Connect provider for the tests: certified code (npm: oidc-provider), one client, people who agree at once.
// Arguments: port, redirect address. GET /as/NAME chooses who signs in next; it prints "ready" when it listens.
import Provider from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = {
  known: { email: "bob@example.org", email_verified: true, name: "Bob at the other side" },
  unverified: { email: "bob@example.org", email_verified: false, name: "Not Bob" },
  stranger: { email: "stranger@example.net", email_verified: true, name: "Stranger" },
};
let who = "known";

const provider = new Provider(issuer, {
  clients: [{
    client_id: "folkmoot",
    client_secret: "a-secret-of-the-tests-that-is-long-enough",
    redirect_uris: [redirect],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "client_secret_post",
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  cookies: { keys: ["tests"] },
});

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith("/as/")) {
    who = ctx.path.slice(4);
    ctx.body = who;
    return undefined;
  }
  if (!ctx.path.startsWith("/interaction/")) return next();
  const { prompt, params } = await provider.interactionDetails(ctx.req, ctx.res);
  const result = {};
  if (prompt.name === "login") {
    result.login = { accountId: who };
  } else {
    const grant = new provider.Grant({ accountId: who, clientId: params.client_id });
    grant.addOIDCScope("openid email profile");
    result.consent = { grantId: await grant.save() };
  }
  return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
