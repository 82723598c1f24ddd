const n = +process.argv[2], times = [];
const t = setInterval(() => {
  times.push(performance.now());
  if (times.length <= n) return;
  clearInterval(t);
  const off = times.slice(1).map((x, i) => Math.abs(x - times[i] - 1) * 1e3).sort((a, b) => a - b);
  console.log(off[n >> 1], off[Math.floor(n * 0.99)], off[off.length - 1]);
}, 1);
