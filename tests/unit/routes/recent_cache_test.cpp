#include "sluice/routes/recent_cache.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using Cache = sluice::routes::RecentCache<std::string>;

TEST_CASE("RecentCache knows a value for its time, under its own name", "[routes][unit]") {
  Cache cache;
  const TimePoint start{};
  CHECK_FALSE(cache.find("a", start));
  cache.put("a", "first", start);
  CHECK(cache.find("a", start) == "first");
  CHECK_FALSE(cache.find("b", start));
  CHECK(cache.find("a", start + Cache::kMaxAge - Clock::duration(1)) == "first");
  CHECK_FALSE(cache.find("a", start + Cache::kMaxAge));
  cache.put("a", "second", start + Cache::kMaxAge);
  CHECK(cache.find("a", start + Cache::kMaxAge) == "second");
}

TEST_CASE("RecentCache gives up the oldest for a new one", "[routes][unit]") {
  Cache cache;
  TimePoint now{};
  for (std::size_t i = 0; i < Cache::kMaxEntries; ++i) {
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

TEST_CASE("RecentCache forgets what it is told to", "[routes][unit]") {
  Cache cache;
  cache.put("a", "wrong", TimePoint{});
  cache.put("b", "right", TimePoint{});
  cache.forget("a");
  CHECK_FALSE(cache.find("a", TimePoint{}));
  CHECK(cache.find("b", TimePoint{}));
}
