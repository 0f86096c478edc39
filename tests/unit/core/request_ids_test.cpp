#include "sluice/core/request_ids.hpp"

#include <set>
#include <string>

#include "support/catch.hpp"

using namespace sluice;

TEST_CASE("RequestId is 16 hexadecimal digits", "[core][unit]") {
  CHECK(RequestId(0).text() == "0000000000000000");
  CHECK(RequestId(0x0123456789abcdefU).text() == "0123456789abcdef");
  CHECK(RequestId(UINT64_MAX).text() == "ffffffffffffffff");
}

TEST_CASE("RequestIds gives none twice", "[core][unit]") {
  constexpr int kIds = 100'000;
  std::set<std::string> seen;
  RequestIds ids(UINT64_MAX - kIds / 2);  // over the end of the numbers
  for (int i = 0; i < kIds; ++i) seen.emplace(ids.next().text());
  CHECK(seen.size() == kIds);
}

TEST_CASE("RequestIds of two sources have nothing in common", "[core][unit]") {
  std::set<std::string> seen;
  RequestIds a;
  RequestIds b;
  for (int i = 0; i < 1000; ++i) {
    seen.emplace(a.next().text());
    seen.emplace(b.next().text());
  }
  CHECK(seen.size() == 2000);
}

TEST_CASE("RequestIds of the same seed are the same, neighbours unlike", "[core][unit]") {
  RequestIds a(1);
  RequestIds b(1);
  const auto first = a.next();
  CHECK(first.text() == b.next().text());
  const auto second = a.next();
  int equal_digits = 0;
  for (std::size_t i = 0; i < 16; ++i) equal_digits += first.text()[i] == second.text()[i];
  CHECK(equal_digits < 8);
}
