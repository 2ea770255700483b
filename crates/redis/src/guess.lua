-- Counts one guess at a password under several counters, unless one of them must wait (edge/src/limits/wrong_passwords.rs).
-- KEYS[1]: the mark of an address at which the owner was; the others: counters. ARGV[1]: after which time guesses are forgotten, in milliseconds;
-- then for each counter: the guesses that cause no wait, the longest wait, and 1 if it spares the owner's addresses. Answers how long to wait; 0 if
-- the guess is counted. Times are microseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local is_owner = redis.call('EXISTS', KEYS[1]) == 1
local wait = 0
local counts = {}
for i = 2, #KEYS do
  local at = 3 * i - 4
  local free, longest, spares_owner = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), ARGV[at + 2] == '1'
  local found = redis.call('HMGET', KEYS[i], 'count', 'last')
  local count, last = tonumber(found[1] or 0), tonumber(found[2] or 0)
  counts[i] = count + 1
  if count >= free and not (is_owner and spares_owner) then
    local whole = math.min(2 ^ math.min(count - free, 16) * 1000000, longest)
    wait = math.max(wait, whole - math.max(now - last, 0))
  end
end
if wait > 0 then
  return math.ceil(wait)
end
for i = 2, #KEYS do
  redis.call('HSET', KEYS[i], 'count', counts[i], 'last', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[i], ARGV[1])
end
return 0
