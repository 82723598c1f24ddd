const n = +process.argv[2];
let fired = 0, x = 12345n;
const fire = () => { if (++fired === n) console.log(fired); };
for (let i = 0; i < n; i++) {
  x = (x * 1103515245n + 12345n) % 2147483648n;
  setTimeout(fire, Number(x) / 2147483.648);
}
