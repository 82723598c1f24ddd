const n = +process.argv[2];
const sleep = ms => new Promise(done => setTimeout(done, ms));
async function nap(i) { await sleep(1000); return i; }
const tasks = [];
for (let i = 0; i < n; i++) tasks.push(nap(i));
Promise.all(tasks).then(all => console.log(all.length));
