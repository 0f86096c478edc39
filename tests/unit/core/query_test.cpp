#include "sluice/core/query.hpp"

#include <random>

#include "support/catch.hpp"

using namespace sluice;
using Parameters = std::vector<Query::Parameter>;

TEST_CASE("Query decodes names and values in order", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    Parameters parameters;
  };
  const Row rows[] = {
      {"nothing", "", {}},
      {"plain", "a=1&b=2", {{"a", "1"}, {"b", "2"}}},
      {"plus and percent, in names too", "a+b=c%20d%26", {{"a b", "c d&"}}},
      {"only the first equals sign separates", "d=http://h/?x=y", {{"d", "http://h/?x=y"}}},
      {"no equals sign: dropped", "a&b=1&c", {{"b", "1"}}},
      {"empty parts", "&&a=1&", {{"a", "1"}}},
      {"empty value stays", "a=", {{"a", ""}}},
      {"empty name stays", "=1", {{"", "1"}}},
      {"repeats stay", "a=1&a=2", {{"a", "1"}, {"a", "2"}}},
      {"broken percent", "a=%zz%", {{"a", "%zz%"}}},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(Query::parse(row.text).parameters() == row.parameters);
  }
}

TEST_CASE("Query::get answers with the last value", "[core][unit]") {
  const Query query = Query::parse("a=1&A=2&a=3&e=");
  CHECK(query.get("a") == "3");
  CHECK(query.get("A") == "2");
  CHECK(query.get("e") == "");
  CHECK(query.get("x") == std::nullopt);
  CHECK(query.get_nonempty("a") == "3");
  CHECK(query.get_nonempty("e") == std::nullopt);
  CHECK(query.get_nonempty("x") == std::nullopt);
}

TEST_CASE("Query::flag knows the words for true", "[core][unit]") {
  for (const char* word : {"true", "1", "yes", "y", "on", "t", "TRUE", "Yes"}) {
    INFO(word);
    CHECK(Query::parse(std::string("f=") + word).flag("f"));
  }
  for (const char* word : {"false", "0", "no", "n", "off", "f", "", "2", "truee", "true+"}) {
    INFO(word);
    CHECK_FALSE(Query::parse(std::string("f=") + word).flag("f"));
  }
  CHECK_FALSE(Query().flag("f"));
}

TEST_CASE("Query::set replaces in place and leaves one", "[core][unit]") {
  Query query = Query::parse("a=1&d=2&b=3&d=4");
  query.set("d", "x");
  CHECK(query.encode() == "a=1&d=x&b=3");
  query.set("n", "5");
  CHECK(query.encode() == "a=1&d=x&b=3&n=5");
}

TEST_CASE("Query::remove drops every value", "[core][unit]") {
  Query query = Query::parse("a=1&d=2&b=3&d=4");
  query.remove("d");
  query.remove("x");
  CHECK(query.encode() == "a=1&b=3");
  const Query before = Query::parse("same=1&other=2&same=3&other=4");
  query = before;
  query.remove(query.parameters()[0].first);  // a name that lives in the query itself
  CHECK(query.encode() == "other=2&other=4");
}

TEST_CASE("Query::encode is undone by parse", "[core][unit]") {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> byte(0, 255);
  std::uniform_int_distribution<int> length(0, 8);
  const auto text = [&] {
    std::string bytes;
    for (int left = length(random); left > 0; --left) bytes += static_cast<char>(byte(random));
    return bytes;
  };
  for (int round = 0; round < 200; ++round) {
    Query query;
    for (int left = length(random); left > 0; --left) query.append(text(), text());
    CHECK(Query::parse(query.encode()).parameters() == query.parameters());
  }
}
