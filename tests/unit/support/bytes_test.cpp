#include "support/bytes.hpp"

#include <cstdint>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace sluice::test {

TEST_CASE("random_bytes are those of the standard's generator", "[support][unit]") {
  // [rand.predef]: the 10000th value of a mt19937_64 seeded with 5489.
  const std::string bytes = random_bytes(std::size_t{8} * 10000, 5489);
  std::uint64_t last = 0;
  for (std::size_t i = 1; i <= 8; ++i) {
    last = (last << 8U) | static_cast<unsigned char>(bytes[bytes.size() - i]);
  }
  CHECK(last == 9981545732273789042ULL);
}

TEST_CASE("random_bytes of a smaller size begin those of a larger", "[support][unit]") {
  const std::string whole = random_bytes(100, 7);
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 99U}) {
    CHECK(random_bytes(size, 7) == whole.substr(0, size));
  }
  CHECK(random_bytes(100, 8) != whole);
}

TEST_CASE("sha256_hex agrees with FIPS 180-4", "[support][unit]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("TempDir is private, writable and gone afterwards", "[support][unit]") {
  namespace fs = std::filesystem;
  fs::path directory;
  {
    const TempDir temp;
    directory = temp.path();
    CHECK(fs::status(directory).permissions() == fs::perms::owner_all);
    const fs::path file = temp.write("a.bin", std::string("\0\r\n", 3));
    CHECK(fs::file_size(file) == 3);
    CHECK_THROWS(temp.write("missing/a.bin", "x"));
    CHECK(TempDir().path() != directory);
  }
  CHECK_FALSE(fs::exists(directory));
}

}  // namespace sluice::test
