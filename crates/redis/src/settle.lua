-- Settles a guess at a password. KEYS[1]: the mark of the address; the others: counters. ARGV[1]: for how long the mark stays, in milliseconds, or 0
-- to leave it alone; then for each counter 'forget', or 'take back' for one guess.
if ARGV[1] ~= '0' then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
for i = 2, #KEYS do
  if ARGV[i] == 'forget' or tonumber(redis.call('HGET', KEYS[i], 'count') or 0) <= 1 then
    redis.call('DEL', KEYS[i])
  else
    redis.call('HINCRBY', KEYS[i], 'count', -1)
  end
end
return 1
