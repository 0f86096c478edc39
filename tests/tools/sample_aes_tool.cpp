// Encrypts and decrypts files of METHOD=SAMPLE-AES, for the end-to-end tests.
//
//   sluice_sample_aes_tool encrypt|encrypt-audio|decrypt KEY IV < in > out     (KEY, IV:
//   hexadecimal)
//
// The encryption is that of the tests, the decryption that of the program, fed in pieces. Of a
// transport stream stderr tells how many bytes of emulation prevention were added.

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>

#include "sluice/media/sample_aes_stage.hpp"
#include "support/aes.hpp"
#include "support/sample_aes_encryptor.hpp"
#include "support/transport_stream.hpp"

namespace {

int decrypt(const std::string& key, const std::string& iv, std::string input) {
  constexpr std::size_t kPiece = 16 * 1024;
  sluice::media::SampleAesStage stage(key, iv);
  const auto write = [](sluice::media::Bytes bytes) {
    std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  for (std::size_t at = 0; at < input.size();) {
    const auto step =
        stage.feed(sluice::media::Bytes(input).subspan(at, std::min(kPiece, input.size() - at)));
    if (!step) {
      std::cerr << step.error().context << '\n';
      return 1;
    }
    write(step->output);
    at += step->taken;
  }
  const auto rest = stage.finish();
  if (!rest) {
    std::cerr << rest.error().context << '\n';
    return 1;
  }
  write(*rest);
  return 0;
}

std::size_t payload_size(const std::string& ts) {
  std::size_t size = 0;
  for (const auto& [pid, units] : sluice::test::ts_units(ts)) {
    for (const auto& unit : units) size += unit.size();
  }
  return size;
}

int run(const std::string& what, const std::string& key, const std::string& iv) {
  std::string input{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (what == "decrypt") return decrypt(key, iv, std::move(input));
  const sluice::test::SampleAesEncryptor encryptor(key, iv);
  const auto output = what == "encrypt" ? encryptor.ts(input) : encryptor.packed(input);
  std::cout << output;
  if (what == "encrypt") std::cerr << payload_size(output) - payload_size(input) << '\n';
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: encrypt|encrypt-audio|decrypt KEY IV\n";
    return 2;
  }
  try {
    return run(arguments[1], sluice::test::from_hex(arguments[2]),
               sluice::test::from_hex(arguments[3]));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
