#include "sluice/routes/key_cache.hpp"

#include "support/catch.hpp"

using namespace sluice;
using sluice::routes::KeyCache;

TEST_CASE("KeyCache knows a key for its time, under its own name", "[routes][unit]") {
  KeyCache cache;
  const TimePoint start{};
  CHECK_FALSE(cache.find("a", start));
  cache.put("a", "first", start);
  CHECK(cache.find("a", start) == "first");
  CHECK_FALSE(cache.find("b", start));
  CHECK(cache.find("a", start + KeyCache::kMaxAge - Clock::duration(1)) == "first");
  CHECK_FALSE(cache.find("a", start + KeyCache::kMaxAge));
  cache.put("a", "second", start + KeyCache::kMaxAge);
  CHECK(cache.find("a", start + KeyCache::kMaxAge) == "second");
}

TEST_CASE("KeyCache gives up the oldest for a new one", "[routes][unit]") {
  KeyCache cache;
  TimePoint now{};
  for (std::size_t i = 0; i < KeyCache::kMaxKeys; ++i) {
    cache.put(std::to_string(i), "key", now += Clock::duration(1));
  }
  cache.put("0", "again", now += Clock::duration(1));
  CHECK(cache.find("1", now));
  cache.put("new", "key", now);
  CHECK(cache.find("new", now));
  CHECK(cache.find("0", now) == "again");
  CHECK_FALSE(cache.find("1", now));
  CHECK(cache.find("2", now));
}
