#include "sluice/media/segment_decryption.hpp"

#include "support/aes.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using cenc::SegmentMethod;
using sluice::test::encrypt;
using sluice::test::random_bytes;

namespace {

struct Method {
  SegmentMethod method;
  const char* openssl;
};

SegmentKey key_for(SegmentMethod method) {
  return {method, random_bytes(cenc::key_size(method), 3), random_bytes(16, 4)};
}

}  // namespace

TEST_CASE("A segment is decrypted the same however it arrives", "[media][unit]") {
  const auto [method, openssl] =
      GENERATE(values<Method>({{SegmentMethod::aes_128, "AES-128-CBC"},
                               {SegmentMethod::aes_256, "AES-256-CBC"},
                               {SegmentMethod::aes_256_ctr, "AES-256-CTR"}}));
  const std::size_t size = GENERATE(as<std::size_t>{}, 0, 1, 15, 16, 17, 4096, 70'000, 200'003);
  CAPTURE(openssl, size);
  const auto key = key_for(method);
  const auto plain = random_bytes(size, 5);
  const auto segment = encrypt(openssl, key.key, key.iv, plain);
  const auto outcome = run_every_way([&] { return make_segment_decryption(key); }, segment);
  CHECK(outcome.error.empty());
  CHECK((outcome.output == plain));
}

TEST_CASE("A padded segment that is cut short, or not encrypted so, fails however it arrives",
          "[media][unit]") {
  const auto key = key_for(SegmentMethod::aes_128);
  const auto plain = random_bytes(5000, 5);
  const auto segment = encrypt("AES-128-CBC", key.key, key.iv, plain);
  auto other = key;
  other.key[0] = static_cast<char>(other.key[0] ^ 1);
  struct Row {
    const char* why;
    SegmentKey key;
    std::string segment;
    std::string_view part;
  };
  const Row rows[] = {
      {"nothing came", key, "", "multiple of 16"},
      {"cut in a block", key, segment.substr(0, 4001), "multiple of 16"},
      {"cut between blocks", key, segment.substr(0, 4000), "padding"},
      {"another key", other, segment, "padding"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto outcome =
        run_every_way([&] { return make_segment_decryption(row.key); }, row.segment);
    CHECK(outcome.error.find(row.part) != std::string::npos);
  }
}

TEST_CASE("Only what has no padding has a known size", "[media][unit]") {
  CHECK(make_segment_decryption(key_for(SegmentMethod::aes_256_ctr))->output_size(1234) == 1234);
  CHECK_FALSE(make_segment_decryption(key_for(SegmentMethod::aes_128))->output_size(1234));
  CHECK_FALSE(make_segment_decryption(key_for(SegmentMethod::aes_256))->output_size(1234));
}
