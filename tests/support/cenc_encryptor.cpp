#include "support/cenc_encryptor.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sluice::test {
namespace {

constexpr std::size_t kBlock = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// AES of one block.
class OneBlock {
 public:
  explicit OneBlock(const std::string& key) : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
    if (key.size() != kBlock || EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ecb(), nullptr,
                                                   bytes_of(key), nullptr) != 1) {
      throw std::runtime_error("OpenSSL does not encrypt");
    }
    EVP_CIPHER_CTX_set_padding(context_.get(), 0);
  }

  std::string operator()(const std::string& block) const {
    std::string out(2 * kBlock, '\0');
    int size = 0;
    if (EVP_EncryptUpdate(context_.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                          bytes_of(block), kBlock) != 1) {
      throw std::runtime_error("OpenSSL does not encrypt");
    }
    out.resize(kBlock);
    return out;
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

/// Counts in the last 8 of 16 bytes.
void count_up(std::string& counter) {
  for (std::size_t i = kBlock; i-- > 8;) {
    counter[i] = static_cast<char>(counter[i] + 1);
    if (counter[i] != 0) return;
  }
}

void exclusive_or(std::string& bytes, std::size_t at, const std::string& with) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    bytes[at + i] = static_cast<char>(bytes[at + i] ^ with[i]);
  }
}

/// The offsets of all bytes that the scheme encrypts, in order, and where chains begin anew.
struct Hidden {
  std::vector<std::size_t> offsets;
  std::vector<std::size_t> subsample_starts;  ///< indices into offsets
};

Hidden hidden_bytes(const SampleSecret& secret, std::size_t size) {
  auto subsamples = secret.subsamples;
  if (subsamples.empty()) subsamples.push_back({0, static_cast<std::uint32_t>(size)});
  const bool patterned = secret.scheme == "cens" || secret.scheme == "cbcs";
  Hidden hidden;
  std::size_t at = 0;
  for (const auto& part : subsamples) {
    at += part.clear;
    hidden.subsample_starts.push_back(hidden.offsets.size());
    for (std::size_t i = 0; i < part.hidden; ++i) {
      const bool in_whole_block = i / kBlock < part.hidden / kBlock;
      const auto cycle = secret.crypt_blocks + secret.skip_blocks;
      const bool in_pattern =
          !patterned || secret.skip_blocks == 0 || i / kBlock % cycle < secret.crypt_blocks;
      if (secret.scheme == "cenc" || (in_whole_block && in_pattern)) {
        hidden.offsets.push_back(at + i);
      }
    }
    at += part.hidden;
  }
  return hidden;
}

}  // namespace

std::string encrypt_sample(const SampleSecret& secret, std::string_view plain) {
  const OneBlock aes(secret.key);
  const auto hidden = hidden_bytes(secret, plain.size());
  std::string bytes;
  for (const auto offset : hidden.offsets) bytes += plain.at(offset);
  const auto size = bytes.size();
  bytes.resize((size + kBlock - 1) / kBlock * kBlock);
  const auto first = secret.iv + std::string(kBlock - secret.iv.size(), '\0');
  auto state = first;
  const auto& starts = hidden.subsample_starts;
  for (std::size_t at = 0; at < size; at += kBlock) {
    if (secret.scheme == "cenc" || secret.scheme == "cens") {
      exclusive_or(bytes, at, aes(state));
      count_up(state);
      continue;
    }
    if (secret.scheme == "cbcs" && std::find(starts.begin(), starts.end(), at) != starts.end()) {
      state = first;
    }
    exclusive_or(bytes, at, state);
    state = aes(bytes.substr(at, kBlock));
    bytes.replace(at, kBlock, state);
  }
  std::string out(plain);
  for (std::size_t i = 0; i < size; ++i) out[hidden.offsets[i]] = bytes[i];
  return out;
}

std::string big_endian(std::uint64_t value, unsigned width) {
  std::string bytes;
  for (unsigned i = width; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  return bytes;
}

std::string subsample_table(const std::vector<Subsample>& subsamples) {
  std::string table;
  for (const auto& part : subsamples) {
    table += big_endian(part.clear, 2) + big_endian(part.hidden, 4);
  }
  return table;
}

}  // namespace sluice::test
