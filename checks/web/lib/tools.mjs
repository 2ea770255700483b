// The packages that these checks use. They are installed outside the sources (see test.sh), where a plain import does not find them.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const require = createRequire(`${ROOT}target/pages/package.json`);

export const { chromium } = require("playwright-core");

/** The source of axe-core, to be run inside a page. */
export const axeSource = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
