function main() {
  const n = 2000000;
  const prime = new Array(n).fill(true);
  let i = 2;
  while (i * i < n) {
    if (prime[i]) {
      let k = i * i;
      while (k < n) {
        prime[k] = false;
        k += i;
      }
    }
    i += 1;
  }
  let count = 0;
  for (let k = 2; k < n; k++) {
    if (prime[k]) count += 1;
  }
  console.log(count);
}

main();
