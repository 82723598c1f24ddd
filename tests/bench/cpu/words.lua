local function main()
  local parts = {}
  local x = 42
  for i = 1, 300000 do
    x = x * 16807 % 2147483647
    parts[i] = "word" .. x % 5000
  end
  local counts, size = {}, 0
  for word in string.gmatch(table.concat(parts, " "), "[^ ]+") do
    if not counts[word] then size = size + 1 end
    counts[word] = (counts[word] or 0) + 1
  end
  local most = 0
  for _, n in pairs(counts) do
    if n > most then most = n end
  end
  print(size .. " " .. most)
end

main()
