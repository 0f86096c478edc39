#include "sluice/cenc/sample_aes.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "sluice/cenc/segment_cipher.hpp"

namespace sluice::cenc {
namespace {

constexpr std::size_t kKeySize = 16;
// Of NAL units: those of these kinds and longer than this are encrypted, behind a clear start one
// block of ten.
constexpr unsigned kSlice = 1;
constexpr unsigned kIdrSlice = 5;
constexpr std::size_t kMaxClearNal = 48;
constexpr std::size_t kClearNalStart = 32;
constexpr std::size_t kPattern = 10 * kBlockSize;
// Of audio frames, behind their head.
constexpr std::size_t kClearFrameStart = 16;

/// OpenSSL fails here only for a lack of memory or of the algorithm itself.
void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL refuses to decrypt samples");
}

const unsigned char* bytes_of(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Takes every 03 behind two zero bytes out, but for one at the very end, which stands for nothing
/// else. ITU-T H.264, 7.4.1. The size afterwards.
std::size_t take_prevention_out(std::span<char> nal) noexcept {
  std::size_t to = 0;
  std::size_t copied = 0;  // up to here
  const auto keep_up_to = [&](std::size_t end) {
    if (to != copied)
      std::copy(nal.begin() + static_cast<std::ptrdiff_t>(copied),
                nal.begin() + static_cast<std::ptrdiff_t>(end),
                nal.begin() + static_cast<std::ptrdiff_t>(to));
    to += end - copied;
  };
  for (std::size_t at = 2; at + 1 < nal.size();) {
    // A byte above 3 is no part of such a sequence, nor may the next two end one.
    if (static_cast<unsigned char>(nal[at]) > 3) {
      at += 3;
    } else if (nal[at] == 3 && nal[at - 1] == 0 && nal[at - 2] == 0) {
      keep_up_to(at);
      copied = at + 1;
      at += 3;
    } else {
      ++at;
    }
  }
  keep_up_to(nal.size());
  return to;
}

}  // namespace

void SampleAesCipher::FreeContext::operator()(evp_cipher_ctx_st* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

SampleAesCipher::SampleAesCipher(std::string_view key, std::string_view iv)
    : context_(EVP_CIPHER_CTX_new()), iv_(iv) {
  if (key.size() != kKeySize || iv.size() != kIvSize) {
    throw std::logic_error("a key or IV of the wrong length");
  }
  require(context_ != nullptr && EVP_DecryptInit_ex(context_.get(), EVP_aes_128_cbc(), nullptr,
                                                    bytes_of(key), bytes_of(iv)) == 1);
}

SampleAesCipher::SampleAesCipher(SampleAesCipher&&) noexcept = default;
SampleAesCipher& SampleAesCipher::operator=(SampleAesCipher&&) noexcept = default;
SampleAesCipher::~SampleAesCipher() = default;

void SampleAesCipher::restart() {
  require(EVP_DecryptInit_ex(context_.get(), nullptr, nullptr, nullptr, bytes_of(iv_)) == 1);
  // With padding a block would stay behind.
  require(EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1);
}

void SampleAesCipher::decrypt(std::span<char> blocks) {
  if (blocks.empty()) return;
  auto* bytes = reinterpret_cast<unsigned char*>(blocks.data());
  int written = 0;
  require(blocks.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) &&
          EVP_DecryptUpdate(context_.get(), bytes, &written, bytes,
                            static_cast<int>(blocks.size())) == 1);
}

std::size_t SampleAesCipher::decrypt_nal(std::span<char> nal) {
  if (nal.size() <= kMaxClearNal) return nal.size();
  const auto kind = static_cast<unsigned char>(nal[0]) & 0x1fU;
  if (kind != kSlice && kind != kIdrSlice) return nal.size();
  nal = nal.first(take_prevention_out(nal));
  decrypt_pattern(nal.subspan(std::min(kClearNalStart, nal.size())));
  return nal.size();
}

/// A block that is not the last, and nine that are clear. Many are decrypted at once: a call for
/// each would cost more than its block.
void SampleAesCipher::decrypt_pattern(std::span<char> bytes) {
  constexpr std::size_t kBlocksAtOnce = 64;
  std::array<char, kBlocksAtOnce * kBlockSize> blocks;
  restart();
  while (bytes.size() > kBlockSize) {
    std::size_t used = 0;
    const auto block_at = [&](std::size_t number) {
      return bytes.begin() + static_cast<std::ptrdiff_t>(number * kPattern);
    };
    for (; used < kBlocksAtOnce && bytes.size() > used * kPattern + kBlockSize; ++used) {
      std::copy_n(block_at(used), kBlockSize, &blocks[used * kBlockSize]);
    }
    decrypt(std::span(blocks).first(used * kBlockSize));
    for (std::size_t i = 0; i < used; ++i) {
      std::copy_n(&blocks[i * kBlockSize], kBlockSize, block_at(i));
    }
    bytes = bytes.subspan(std::min(used * kPattern, bytes.size()));
  }
}

void SampleAesCipher::decrypt_frame(std::span<char> frame, std::size_t head_size) {
  const auto body = frame.subspan(std::min(head_size + kClearFrameStart, frame.size()));
  if (body.size() < kBlockSize) return;
  restart();
  decrypt(body.first(body.size() / kBlockSize * kBlockSize));
}

}  // namespace sluice::cenc
