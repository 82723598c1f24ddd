const { spawn } = require("child_process");
const n = +process.argv[2];
const run = () => new Promise(done => spawn("/bin/true", { stdio: ["ignore", "pipe", "pipe"] }).on("close", done));
(async () => { let sum = 0; for (let i = 0; i < n; i++) sum += (await run()) + 1; console.log(sum); })();
