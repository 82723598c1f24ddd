function main() {
  const n = 500000;
  const places = new Map();
  let x = 42;
  for (let i = 1; i <= n; i++) {
    x = x * 16807 % 2147483647;
    places.set("key" + x, i);
  }
  let sum = 0;
  x = 42;
  for (let i = 0; i < n; i++) {
    x = x * 16807 % 2147483647;
    sum += places.get("key" + x);
  }
  console.log(String(sum));
}

main();
