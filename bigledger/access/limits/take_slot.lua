-- The same rules as access_take_slot in limits.sql, for Redis.
-- KEYS: windows (hash), slots (sorted set by expiry). ARGV: per hour, per second, concurrent ("" is no
-- limit), lease in milliseconds, a name for the slot, the moment in milliseconds ("" is now).
local moment = tonumber(ARGV[6])
if not moment then
  local now = redis.call('TIME')
  moment = now[1] * 1000 + math.floor(now[2] / 1000)
end
local per_hour, per_second, concurrent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'hour', 'hour_count', 'second', 'second_count')
local hour, hour_count = tonumber(kept[1]), tonumber(kept[2])
local second, second_count = tonumber(kept[3]), tonumber(kept[4])
if not hour or moment - hour >= 3600000 then hour, hour_count = moment, 0 end
if not second or moment - second >= 1000 then second, second_count = moment, 0 end
local refused = 0
if per_hour and hour_count >= per_hour then refused = refused + 1 end
if per_second and second_count >= per_second then refused = refused + 2 end
if concurrent then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', moment)
  if redis.call('ZCARD', KEYS[2]) >= concurrent then refused = refused + 4 end
end
if refused == 0 then
  hour_count = hour_count + 1
  redis.call('HSET', KEYS[1], 'hour', hour, 'hour_count', hour_count, 'second', second, 'second_count', second_count + 1)
  redis.call('PEXPIRE', KEYS[1], 3600000)
  if concurrent then
    redis.call('ZADD', KEYS[2], moment + ARGV[4], ARGV[5])
    redis.call('PEXPIRE', KEYS[2], ARGV[4])
  end
end
return {refused, hour_count, hour + 3600000}
