-- Counts one request by the generic cell rate algorithm, as a node does alone (edge/src/limits/rate_limits.rs).
-- KEYS[1]: the time at which the bucket is full again. ARGV: interval, tolerance, and in which time the bucket is full again as far as the node
-- knows. Answers whether the request is admitted, and in which time the bucket is full again. All times are microseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, tolerance, known = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
-- A clock that was set back must not lock anybody out.
local stored = math.min(tonumber(redis.call('GET', KEYS[1]) or 0), now + tolerance)
local full_again = math.max(stored, now + math.min(known, tolerance))
if full_again + interval - now > tolerance then
  return {0, full_again - now}
end
full_again = full_again + interval
redis.call('SET', KEYS[1], string.format('%.0f', full_again), 'PX', math.ceil((full_again - now) / 1000))
return {1, full_again - now}
