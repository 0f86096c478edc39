#include "sluice/cenc/segment_cipher.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <limits>
#include <stdexcept>

namespace sluice::cenc {
namespace {

/// OpenSSL fails here only for a lack of memory or of the algorithm itself.
void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(what);
}

const EVP_CIPHER* cipher_for(SegmentMethod method) noexcept {
  switch (method) {
    case SegmentMethod::aes_128: return EVP_aes_128_cbc();
    case SegmentMethod::aes_256: return EVP_aes_256_cbc();
    case SegmentMethod::aes_256_ctr: return EVP_aes_256_ctr();
    case SegmentMethod::sample_aes:
    case SegmentMethod::sample_aes_ctr: return nullptr;  // no matter of whole segments
  }
  return nullptr;
}

const unsigned char* bytes_of(std::span<const char> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* bytes_of(std::span<char> bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

std::optional<SegmentMethod> parse_segment_method(std::string_view name) noexcept {
  if (name == "AES-128") return SegmentMethod::aes_128;
  if (name == "AES-256") return SegmentMethod::aes_256;
  if (name == "AES-256-CTR") return SegmentMethod::aes_256_ctr;
  if (name == "SAMPLE-AES") return SegmentMethod::sample_aes;
  if (name == "SAMPLE-AES-CTR") return SegmentMethod::sample_aes_ctr;
  return std::nullopt;
}

std::size_t key_size(SegmentMethod method) noexcept {
  return method == SegmentMethod::aes_256 || method == SegmentMethod::aes_256_ctr ? 32 : 16;
}

bool encrypts_samples(SegmentMethod method) noexcept {
  return method == SegmentMethod::sample_aes || method == SegmentMethod::sample_aes_ctr;
}

void SegmentCipher::FreeContext::operator()(evp_cipher_ctx_st* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

SegmentCipher::SegmentCipher(SegmentMethod method, std::string_view key, std::string_view iv)
    : context_(EVP_CIPHER_CTX_new()), padding_(method != SegmentMethod::aes_256_ctr) {
  if (cipher_for(method) == nullptr || key.size() != key_size(method) || iv.size() != kIvSize) {
    throw std::logic_error("a key or IV of the wrong length, or no method for whole segments");
  }
  require(context_ != nullptr && EVP_DecryptInit_ex(context_.get(), cipher_for(method), nullptr,
                                                    bytes_of(key), bytes_of(iv)) == 1,
          "OpenSSL refuses to decrypt segments");
}

SegmentCipher::SegmentCipher(SegmentCipher&&) noexcept = default;
SegmentCipher& SegmentCipher::operator=(SegmentCipher&&) noexcept = default;
SegmentCipher::~SegmentCipher() = default;

std::size_t SegmentCipher::update(std::span<const char> in, std::span<char> out) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<int>::max()) - kBlockSize;
  if (in.size() > kMost) throw std::logic_error("too much to decrypt at once");
  total_ += in.size();
  int written = 0;
  require(EVP_DecryptUpdate(context_.get(), bytes_of(out), &written, bytes_of(in),
                            static_cast<int>(in.size())) == 1,
          "OpenSSL cannot go on decrypting");
  return static_cast<std::size_t>(written);
}

Result<std::size_t> SegmentCipher::finish(std::span<char> out) {
  if (padding_ && (total_ == 0 || total_ % kBlockSize != 0)) {
    return upstream_error(
        Errc::bad_segment,
        "its length is no multiple of 16 bytes: it is cut short, or not encrypted");
  }
  int written = 0;
  if (EVP_DecryptFinal_ex(context_.get(), bytes_of(out), &written) != 1) {
    ERR_clear_error();
    return upstream_error(Errc::bad_segment,
                          "its padding is wrong: another key or IV belongs to it, or it is not "
                          "encrypted");
  }
  return static_cast<std::size_t>(written);
}

}  // namespace sluice::cenc
