function main() {
  const n = 500000;
  const numbers = [];
  let x = 42;
  for (let i = 0; i < n; i++) {
    x = x * 16807 % 2147483647;
    numbers.push(x);
  }
  numbers.sort((a, b) => b - a);
  console.log(`${numbers[0]} ${numbers[n / 2]} ${numbers[n - 1]}`);
}

main();
