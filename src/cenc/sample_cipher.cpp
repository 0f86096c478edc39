#include "sluice/cenc/sample_cipher.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "block_batch.hpp"

namespace sluice::cenc {
namespace {

constexpr std::size_t kBlock = sizeof(Block);

/// From so many bytes on a call of its own, with a new IV, is cheaper than the batch: measured.
constexpr std::size_t kWorthACall = 1024;

bool counts(Scheme scheme) noexcept {
  return scheme == Scheme::cenc || scheme == Scheme::cens;
}

std::uint32_t u32(std::string_view bytes) noexcept {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

Block block_of(const std::array<char, 16>& bytes) noexcept {
  Block block;
  std::memcpy(block.data(), bytes.data(), kBlock);
  return block;
}

std::uint64_t low_half(const Block& counter) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, counter.data() + 8, 8);
  return __builtin_bswap64(value);
}

void set_low_half(Block& counter, std::uint64_t value) noexcept {
  value = __builtin_bswap64(value);
  std::memcpy(counter.data() + 8, &value, 8);
}

unsigned char* bytes_of(std::span<char> bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

/// Where a sample is in its key stream or chain, and the two ways to go on there.
class SampleCipher::Aes {
 public:
  Aes(std::string_view key, bool counter)
      : batch_(key, counter),
        context_(make_context(counter ? EVP_aes_128_ctr() : EVP_aes_128_cbc(), key, false)) {}

  void restart(const std::array<char, 16>& iv) noexcept {
    state_ = block_of(iv);
    skip_ = 0;
    in_step_ = false;
  }

  void count(std::span<char> bytes) {
    // OpenSSL would carry into the upper half: in the rare sample in which the lower one wraps, it
    // is asked for one half after the other.
    const auto low = low_half(state_);
    const auto to_wrap = low == 0 ? ~std::uint64_t{0} : std::uint64_t{0} - low;  // blocks
    const auto span = (skip_ + bytes.size() + kBlock - 1) / kBlock;
    if (span >= to_wrap) {
      in_step_ = false;
      batch_.add_counter(bytes, state_, skip_);
    } else if (in_step_ || bytes.size() >= kWorthACall) {
      count_in_a_call(bytes);
    } else {
      batch_.add_counter(bytes, state_, skip_);
    }
    set_low_half(state_, low + (skip_ + bytes.size()) / kBlock);
    skip_ = (skip_ + bytes.size()) % kBlock;
  }

  void chain(std::span<char> blocks) {
    if (blocks.size() < kWorthACall) {
      batch_.add_chain(blocks, state_);
      return;
    }
    const auto iv = state_;
    std::memcpy(state_.data(), blocks.data() + blocks.size() - kBlock, kBlock);
    set_iv(iv);
    run_context(context_.get(), bytes_of(blocks), bytes_of(blocks), blocks.size());
  }

  void flush() { batch_.flush(); }

 private:
  void count_in_a_call(std::span<char> bytes) {
    if (!in_step_) {
      set_iv(state_);
      Block unused{};
      if (skip_ > 0) run_context(context_.get(), unused.data(), unused.data(), skip_);
      in_step_ = true;
    }
    run_context(context_.get(), bytes_of(bytes), bytes_of(bytes), bytes.size());
  }

  void set_iv(const Block& iv) {
    if (EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) != 1) {
      throw std::runtime_error("OpenSSL does not take an IV");
    }
  }

  BlockBatch batch_;
  CipherContext context_;
  Block state_{};         ///< the counter of the next byte, or the last block of ciphertext
  std::size_t skip_ = 0;  ///< bytes of the counter's block that are used up
  bool in_step_ = false;  ///< context_ goes on where state_ is
};

SampleCipher::SampleCipher(Scheme scheme, std::string_view key) : scheme_(scheme) {
  if (key.size() != kBlock) throw std::logic_error("a key of the wrong length");
  aes_ = std::make_unique<Aes>(key, counts(scheme));
}

SampleCipher::SampleCipher(SampleCipher&&) noexcept = default;
SampleCipher& SampleCipher::operator=(SampleCipher&&) noexcept = default;
SampleCipher::~SampleCipher() = default;

void SampleCipher::begin(const SampleEncryption& sample, std::uint64_t size,
                         Pattern pattern) noexcept {
  const bool patterned = scheme_ == Scheme::cens || scheme_ == Scheme::cbcs;
  pattern_ = patterned ? pattern : Pattern{};
  iv_ = sample.iv;
  subsamples_ = sample.subsamples;
  pattern_at_ = 0;
  clear_left_ = 0;
  protected_left_ = subsamples_.empty() ? size : 0;
  aes_->restart(iv_);
}

std::size_t SampleCipher::decrypt(std::span<char> bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto rest = bytes.subspan(at);
    if (clear_left_ > 0) {
      const auto clear = std::min<std::uint64_t>(clear_left_, rest.size());
      clear_left_ -= clear;
      at += static_cast<std::size_t>(clear);
    } else if (protected_left_ > 0) {
      const auto part = rest.first(
          static_cast<std::size_t>(std::min<std::uint64_t>(protected_left_, rest.size())));
      const auto done = decrypt_protected(part);
      protected_left_ -= done;
      at += done;
      if (done < part.size()) break;
    } else if (!subsamples_.empty()) {
      next_subsample();
    } else {
      at = bytes.size();
    }
  }
  return at;
}

void SampleCipher::next_subsample() noexcept {
  clear_left_ = u32(subsamples_.substr(0, 2));
  protected_left_ = u32(subsamples_.substr(2, 4));
  subsamples_.remove_prefix(std::min(subsamples_.size(), kSubsampleSize));
  pattern_at_ = 0;
  if (scheme_ == Scheme::cbcs) aes_->restart(iv_);
}

/// `bytes` is what there is of the current subsample's protected part.
std::size_t SampleCipher::decrypt_protected(std::span<char> bytes) {
  if (scheme_ == Scheme::cenc) {
    aes_->count(bytes);
    return bytes.size();
  }
  // Blocks that are not whole at the end of the protected part are clear.
  const auto whole = bytes.size() / kBlock * kBlock;
  const std::size_t cycle = pattern_.crypt_blocks + std::size_t{pattern_.skip_blocks};
  std::size_t at = 0;
  while (at < whole) {
    auto size = whole - at;
    bool encrypted = true;
    if (!pattern_.covers_all()) {
      encrypted = pattern_at_ < pattern_.crypt_blocks;
      const auto until = encrypted ? std::size_t{pattern_.crypt_blocks} : cycle;
      size = std::min(size, (until - pattern_at_) * kBlock);
      pattern_at_ = static_cast<std::uint32_t>((pattern_at_ + size / kBlock) % cycle);
    }
    const auto part = bytes.subspan(at, size);
    if (encrypted && scheme_ == Scheme::cens) aes_->count(part);
    if (encrypted && scheme_ != Scheme::cens) aes_->chain(part);
    at += size;
  }
  return protected_left_ - whole < kBlock ? bytes.size() : whole;
}

void SampleCipher::flush() {
  aes_->flush();
}

}  // namespace sluice::cenc
