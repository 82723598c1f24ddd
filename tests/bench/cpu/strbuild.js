function main() {
  const parts = [];
  for (let i = 0; i < 1000000; i++) parts.push("n" + i);
  console.log(String(parts.join(",").length));
}

main();
