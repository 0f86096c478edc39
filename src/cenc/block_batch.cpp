#include "block_batch.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace sluice::cenc {
namespace {

/// OpenSSL fails here only for a lack of memory or of the algorithm itself.
void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL refuses to decrypt samples");
}

constexpr std::uint64_t swap_bytes(std::uint64_t value) noexcept {
  return __builtin_bswap64(value);
}

/// `to` ^= `with`. By words, because compilers leave the loop over bytes as it is at -O2.
void exclusive_or(char* to, const unsigned char* with, std::size_t size) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, to + at, 8);
    std::memcpy(&b, with + at, 8);
    a ^= b;
    std::memcpy(to + at, &a, 8);
  }
  for (; at < size; ++at) to[at] = static_cast<char>(to[at] ^ with[at]);
}

}  // namespace

CipherContext make_context(const EVP_CIPHER* cipher, std::string_view key, bool encrypt) {
  CipherContext context(EVP_CIPHER_CTX_new());
  require(context != nullptr &&
          EVP_CipherInit_ex(context.get(), cipher, nullptr,
                            reinterpret_cast<const unsigned char*>(key.data()), nullptr,
                            encrypt ? 1 : 0) == 1 &&
          EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  return context;
}

void run_context(EVP_CIPHER_CTX* context, const unsigned char* in, unsigned char* out,
                 std::size_t size) {
  constexpr std::size_t kMost = 1U << 30U;  // OpenSSL counts in int
  for (std::size_t at = 0; at < size; at += kMost) {
    int written = 0;
    const auto part = std::min(size - at, kMost);
    require(EVP_CipherUpdate(context, out + at, &written, in + at, static_cast<int>(part)) == 1 &&
            static_cast<std::size_t>(written) == part);
  }
}

BlockBatch::BlockBatch(std::string_view key, bool counter)
    : context_(make_context(EVP_aes_128_ecb(), key, counter)), counter_(counter) {}

void BlockBatch::add_counter(std::span<char> place, const Block& counter, std::size_t skip) {
  blocks_.resize(kBlocks);
  std::uint64_t count = 0;
  std::memcpy(&count, counter.data() + 8, 8);
  count = swap_bytes(count);
  while (!place.empty()) {
    if (used_ == kBlocks) flush();
    const auto size = std::min(place.size(), (kBlocks - used_) * sizeof(Block) - skip);
    jobs_.push_back(
        {place.data(), static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(skip)});
    for (std::size_t covered = 0; covered < size + skip; covered += sizeof(Block)) {
      const auto low = swap_bytes(count++);
      std::memcpy(blocks_[used_].data(), counter.data(), 8);
      std::memcpy(blocks_[used_++].data() + 8, &low, 8);
    }
    place = place.subspan(size);
    skip = 0;
  }
}

void BlockBatch::add_chain(std::span<char> place, Block& chain) {
  blocks_.resize(kBlocks);
  masks_.resize(kBlocks);
  while (!place.empty()) {
    if (used_ == kBlocks) flush();
    const auto size = std::min(place.size(), (kBlocks - used_) * sizeof(Block));
    jobs_.push_back({place.data(), static_cast<std::uint32_t>(size), 0});
    for (std::size_t at = 0; at < size; at += sizeof(Block)) {
      masks_[used_] = chain;
      std::memcpy(chain.data(), place.data() + at, sizeof(Block));
      blocks_[used_++] = chain;
    }
    place = place.subspan(size);
  }
}

void BlockBatch::flush() {
  if (used_ == 0) return;
  auto* out = blocks_.front().data();
  run_context(context_.get(), out, out, used_ * sizeof(Block));
  std::size_t at = 0;  // in out
  for (const auto& job : jobs_) {
    if (counter_) {
      exclusive_or(job.place, out + at + job.skip, job.size);
    } else {
      std::memcpy(job.place, out + at, job.size);
      exclusive_or(job.place, masks_.front().data() + at, job.size);
    }
    at += (job.skip + job.size + sizeof(Block) - 1) / sizeof(Block) * sizeof(Block);
  }
  jobs_.clear();
  used_ = 0;
}

}  // namespace sluice::cenc
