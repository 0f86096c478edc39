#include "sluice/media/transform_chain.hpp"

#include "sluice/media/byte_window.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;

namespace {

/// Takes three bytes at most at once, and doubles each in memory of its own; "." at the end.
class Doubling final : public ByteTransform {
 public:
  Result<Step> feed(Bytes input) override {
    const auto part = input.first(std::min<std::size_t>(input.size(), 3));
    out_.clear();
    for (const char c : part) out_.append(2, c);
    return Step{part.size(), out_};
  }
  Result<Bytes> finish() override {
    out_ = ".";
    return Bytes(out_);
  }
  std::optional<std::uint64_t> output_size(std::uint64_t input_size) const noexcept override {
    return 2 * input_size + 1;
  }
  std::size_t max_buffered() const noexcept override { return 6; }

 private:
  std::string out_;
};

}  // namespace

TEST_CASE("TransformChain hands on what stages give, their ends too", "[media][unit]") {
  for (const auto& split : splits(5)) {
    TransformChain chain;
    chain.add(std::make_unique<Doubling>());
    chain.add(std::make_unique<Doubling>());
    CHECK(chain.output_size(5) == 23);
    const auto outcome = run(std::move(chain), "abcde", split);
    CHECK(outcome.error.empty());
    CHECK(outcome.output == "aaaabbbbccccddddeeee...");
  }
}

TEST_CASE("ByteWindow cuts a part out", "[media][unit]") {
  struct Row {
    const char* why;
    std::uint64_t first;
    std::uint64_t length;
    std::string output;
    bool fails = false;
  };
  const Row rows[] = {
      {"the beginning", 0, 3, "012"},      {"one byte", 4, 1, "4"},
      {"the middle", 3, 4, "3456"},        {"the end", 8, 2, "89"},
      {"all", 0, 10, "0123456789"},        {"too much", 8, 3, "89", true},
      {"behind the end", 10, 1, "", true}, {"far behind the end", 1'000'000, 1, "", true},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto outcome = run_every_way(
        [&] { return std::make_unique<ByteWindow>(row.first, row.length); }, "0123456789");
    CHECK(outcome.output == row.output);
    CHECK(outcome.error.empty() != row.fails);
  }
}

TEST_CASE("A chain wants no more once its part has been cut out", "[media][unit]") {
  auto chain = chain_of(std::make_unique<ByteWindow>(2, 3));
  std::string first = "0123";
  chain.give(first);
  CHECK(chain.next().value().size() == 2);
  CHECK(chain.next().value().empty());
  CHECK_FALSE(chain.wants_no_more());
  std::string second = "4567";
  chain.give(second);
  CHECK(chain.next().value().size() == 1);
  CHECK(chain.wants_no_more());
  CHECK(chain.output_size(100) == 3);
}
