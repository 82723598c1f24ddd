local function main()
  local n = 2000000
  local prime = {}
  for i = 0, n - 1 do prime[i] = true end
  local i = 2
  while i * i < n do
    if prime[i] then
      local k = i * i
      while k < n do
        prime[k] = false
        k = k + i
      end
    end
    i = i + 1
  end
  local count = 0
  for k = 2, n - 1 do
    if prime[k] then count = count + 1 end
  end
  print(count)
end

main()
