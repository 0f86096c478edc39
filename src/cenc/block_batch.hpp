#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::cenc {

using Block = std::array<unsigned char, 16>;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

/// A context without padding. Throws std::runtime_error when OpenSSL refuses.
[[nodiscard]] CipherContext make_context(const EVP_CIPHER* cipher, std::string_view key,
                                         bool encrypt);
/// One call of it over whole blocks, or over any bytes of a counter mode. Throws the same.
void run_context(EVP_CIPHER_CTX* context, const unsigned char* in, unsigned char* out,
                 std::size_t size);

/// Puts blocks from many places through AES in one call. Both modes come down to the same: bytes of
/// the place are replaced by AES(block) xor mask, where for a counter the block is the counter and
/// the mask what was there, and for a chain the block is what was there and the mask the ciphertext
/// in front of it.
class BlockBatch {
 public:
  BlockBatch(std::string_view key, bool counter);

  /// `place` is covered by the blocks from `counter` on, of the first of which `skip` bytes (0 to
  /// 15) are in front of it. Only the last 64 bits count up, and wrap.
  void add_counter(std::span<char> place, const Block& counter, std::size_t skip);
  /// `place` is whole blocks; `chain` the ciphertext in front, afterwards their last.
  void add_chain(std::span<char> place, Block& chain);
  void flush();

 private:
  struct Job {
    char* place;
    std::uint32_t size;
    std::uint32_t skip;
  };
  static constexpr std::size_t kBlocks = 512;

  CipherContext context_;
  bool counter_;
  std::size_t used_ = 0;  ///< blocks
  std::vector<Job> jobs_;
  std::vector<Block> blocks_;
  std::vector<Block> masks_;  ///< of a chain only
};

}  // namespace sluice::cenc
