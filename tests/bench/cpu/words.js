function main() {
  const parts = [];
  let x = 42;
  for (let i = 0; i < 300000; i++) {
    x = x * 16807 % 2147483647;
    parts.push("word" + x % 5000);
  }
  const counts = new Map();
  for (const word of parts.join(" ").split(" ")) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  let most = 0;
  for (const n of counts.values()) {
    if (n > most) most = n;
  }
  console.log(counts.size + " " + most);
}

main();
