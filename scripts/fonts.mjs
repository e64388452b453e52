// Puts the fonts that reports need into node_modules/.fonts, where typst looks for them.
//
// typst reads TTF and OTF only. Latin, Cyrillic, Greek and emoji come as TTF and are linked. Every other script comes
// as small WOFF2 slices of a variable font (all weights; some 15 MB in place of 200) and is unpacked here.
// Runs after every `npm ci`, which empties node_modules: one second, and nothing is downloaded.
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), "node_modules");
const target = join(modules, ".fonts");
const work = `${target}.${process.pid}`;
const { decompress } = createRequire(join(modules, "package.json"))("wawoff2");

const STATIC = {
  "noto-sans": ["400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"],
  "noto-emoji": ["400Regular", "700Bold"],
};

function link(from, to) {
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to);
  }
}

fs.rmSync(work, { recursive: true, force: true });
fs.mkdirSync(work, { recursive: true });
for (const [family, styles] of Object.entries(STATIC)) {
  for (const style of styles) {
    const folder = join(modules, "@expo-google-fonts", family, style);
    for (const name of fs.readdirSync(folder).filter((each) => each.endsWith(".ttf"))) {
      link(join(folder, name), join(work, name));
    }
  }
}
const variable = join(modules, "@fontsource-variable");
for (const family of fs.readdirSync(variable)) {
  const folder = join(variable, family, "files");
  for (const name of fs.readdirSync(folder)) {
    // The slices named "latin" repeat what Noto Sans has.
    if (!name.endsWith("-wght-normal.woff2") || name.includes("-latin")) continue;
    const font = await decompress(fs.readFileSync(join(folder, name)));
    fs.writeFileSync(join(work, name.replace("-wght-normal.woff2", ".ttf")), font);
  }
}
fs.rmSync(target, { recursive: true, force: true });
fs.renameSync(work, target);
