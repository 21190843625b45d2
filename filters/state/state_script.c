/* state_script: what Redis does with one batch (state_redis.c): four arguments for each key (kind, a, b, c), three results (over,
 * how far ahead of now or how many places, wait). Times are microseconds of the server's own clock: they stay below 2^53, so Lua's
 * numbers hold them exactly. A bucket is a string with its stamp, places are a sorted set of tickets by the time they lapse. */
#include "filters/state/state_redis.h"

#include <openssl/sha.h>
#include <stdio.h>

const char state_script[] =
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000000 + t[2]\n"
    "local out = {}\n"
    "local function put(over, full, wait)\n"
    "  out[#out + 1] = over; out[#out + 1] = full; out[#out + 1] = wait\n"
    "end\n"
    "local function store(key, tat)\n"
    "  redis.call('SET', key, string.format('%.0f', tat), 'PX', string.format('%.0f', math.ceil((tat - now) / 1000) + 1))\n"
    "end\n"
    "local function bucket(key, kind, step, tolerance)\n"
    "  local tat = tonumber(redis.call('GET', key) or 0) or 0\n"
    "  if tat > now + tolerance then tat = now + tolerance end\n"
    "  if tat < now then tat = now end\n"
    "  local over = tat + step > now + tolerance\n"
    "  if over then return put(1, tat - now, tat + step - now - tolerance) end\n"
    "  if kind == 'look' then return put(0, tat - now, 0) end\n"
    "  if step > 0 then store(key, tat + step) end\n"
    "  put(0, tat + step - now, 0)\n"
    "end\n"
    "local function places(key, kind, most, lease, ticket)\n"
    "  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now))\n"
    "  local taken = redis.call('ZCARD', key)\n"
    "  if kind == 'enter' and taken >= most then return put(1, taken, 0) end\n"
    "  if kind == 'leave' then taken = taken - redis.call('ZREM', key, ticket) end\n"
    "  if kind == 'enter' or kind == 'renew' then\n"
    "    taken = taken + redis.call('ZADD', key, string.format('%.0f', now + lease * 1000), ticket)\n"
    "    redis.call('PEXPIRE', key, string.format('%.0f', lease))\n"
    "  end\n"
    "  put(0, taken, 0)\n"
    "end\n"
    "for i, key in ipairs(KEYS) do\n"
    "  local kind, a, b, c = ARGV[4 * i - 3], tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1]), ARGV[4 * i]\n"
    "  if kind == 'count' or kind == 'look' then bucket(key, kind, a, b)\n"
    "  elseif kind == 'set' and a > 0 then store(key, now + a); put(0, a, 0)\n"
    "  elseif kind == 'set' or kind == 'forget' then redis.call('DEL', key); put(0, 0, 0)\n"
    "  else places(key, kind, a, b, c) end\n"
    "end\n"
    "return out\n";

const char *state_script_sha(void)
{
    static char text[2 * SHA_DIGEST_LENGTH + 1];
    unsigned char digest[SHA_DIGEST_LENGTH];
    if (text[0])
        return text;
    SHA1((const unsigned char *)state_script, strlen(state_script), digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}
