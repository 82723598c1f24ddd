local function main()
  local parts = {}
  for i = 0, 999999 do parts[#parts + 1] = "n" .. i end
  print(#table.concat(parts, ","))
end

main()
