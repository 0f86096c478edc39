#include "support/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

namespace sluice::test {
namespace {

struct Deleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, Deleter>;
using CertificatePtr = std::unique_ptr<X509, Deleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter>;

void require(bool done, const char* step) {
  if (done) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error(std::string("TLS context: ") + step + ": " + reason.data());
}

BioPtr reader_of(const std::string& text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  require(bio != nullptr, "read PEM");
  return bio;
}

CertificatePtr certificate_from(const std::string& pem) {
  CertificatePtr certificate(PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
  require(certificate != nullptr, "read certificate");
  return certificate;
}

KeyPtr key_from(const std::string& pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, nullptr, nullptr));
  require(key != nullptr, "read key");
  return key;
}

SslContextPtr make_context(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  require(context != nullptr, "make context");
  require(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1, "set version");
  // A record at a time is written, so that a slow reader's progress can be counted.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

int accept_server_name(SSL* /*ssl*/, int* /*alert*/, void* /*data*/) {
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

SslContextPtr make_server_context(const KeyedCertificate& certificate) {
  SslContextPtr context = make_context(TLS_server_method());
  const CertificatePtr own = certificate_from(certificate.certificate_pem);
  const KeyPtr key = key_from(certificate.key_pem);
  require(SSL_CTX_use_certificate(context.get(), own.get()) == 1, "use certificate");
  require(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "use key");
  require(SSL_CTX_check_private_key(context.get()) == 1, "match key and certificate");
  constexpr std::array<unsigned char, 6> kSessionContext{'s', 'l', 'u', 'i', 'c', 'e'};
  require(SSL_CTX_set_session_id_context(context.get(), kSessionContext.data(),
                                         kSessionContext.size()) == 1,
          "set session context");
  // Only an accepted name is kept with a TLS 1.2 session, and so known when it is resumed.
  require(SSL_CTX_set_tlsext_servername_callback(context.get(), accept_server_name) == 1,
          "accept server names");
  return context;
}

SslContextPtr make_client_context(const std::string& trusted_ca_pem) {
  SslContextPtr context = make_context(TLS_client_method());
  if (trusted_ca_pem.empty()) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    return context;
  }
  const CertificatePtr ca = certificate_from(trusted_ca_pem);
  require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.get()) == 1, "trust CA");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace sluice::test
