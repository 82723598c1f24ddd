function counter() {
  let n = 0;
  return () => { n += 1; return n; };
}

function main() {
  const next = counter();
  let sum = 0;
  for (let i = 0; i < 10000000; i++) sum += next();
  console.log(String(sum));
}

main();
