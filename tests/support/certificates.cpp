#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace sluice::test {
namespace {

struct Deleter {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter>;
using CertificatePtr = std::unique_ptr<X509, Deleter>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter>;
using BioPtr = std::unique_ptr<BIO, Deleter>;

void require(bool done, const char* step) {
  if (done) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error(std::string("certificate: ") + step + ": " + reason.data());
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "write certificate");
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(
      bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "write key");
  return text_of(bio.get());
}

KeyPtr make_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make key");
  return key;
}

void set_serial(X509* certificate) {
  std::array<unsigned char, 8> random{};
  require(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "random serial");
  std::uint64_t serial = 0;
  for (const unsigned char byte : random) serial = (serial << 8U) | byte;
  // Positive and not zero, as RFC 5280, 4.1.2.2 asks.
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (serial >> 1U) | 1U) == 1,
          "set serial");
}

void set_common_name(X509* certificate, const std::string& name) {
  const auto* text = reinterpret_cast<const unsigned char*>(name.data());
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, text,
                                     static_cast<int>(name.size()), -1, 0) == 1,
          "set common name");
}

void set_validity(X509* certificate, const CertificateValidity& validity) {
  require(X509_gmtime_adj(X509_getm_notBefore(certificate), validity.not_before.count()) != nullptr,
          "set notBefore");
  require(X509_gmtime_adj(X509_getm_notAfter(certificate), validity.not_after.count()) != nullptr,
          "set notAfter");
}

/// `issuer` may be `certificate` itself.
void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

CertificatePtr begin_certificate(EVP_PKEY* key, const std::string& common_name,
                                 const CertificateValidity& validity) {
  CertificatePtr certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), 2) == 1, "make certificate");
  set_serial(certificate.get());
  set_common_name(certificate.get(), common_name);
  set_validity(certificate.get(), validity);
  require(X509_set_pubkey(certificate.get(), key) == 1, "set public key");
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "set issuer");
  require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "sign");
}

std::string alternative_names(const CertificateNames& names) {
  std::string list;
  for (const std::string& name : names.dns) list += (list.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : names.ip) list += (list.empty() ? "IP:" : ",IP:") + address;
  if (list.empty()) throw std::runtime_error("certificate: no name to issue it for");
  return list;
}

/// Null issuer: signed by its own key.
KeyedCertificate make_server_certificate(const CertificateNames& names,
                                         const CertificateValidity& validity, X509* issuer,
                                         EVP_PKEY* issuer_key) {
  const KeyPtr key = make_key();
  const CertificatePtr made =
      begin_certificate(key.get(), names.dns.empty() ? "test server" : names.dns.front(), validity);
  X509* const signer = issuer != nullptr ? issuer : made.get();
  add_extension(made.get(), signer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(made.get(), signer, NID_key_usage, "critical,digitalSignature");
  add_extension(made.get(), signer, NID_ext_key_usage, "serverAuth");
  add_extension(made.get(), signer, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) {
    add_extension(made.get(), signer, NID_authority_key_identifier, "keyid");
  }
  add_extension(made.get(), signer, NID_subject_alt_name, alternative_names(names));
  sign(made.get(), signer, issuer != nullptr ? issuer_key : key.get());
  return {pem_of(made.get()), pem_of(key.get())};
}

}  // namespace

struct TestCa::Parts {
  KeyPtr key;
  CertificatePtr certificate;
};

TestCa::TestCa(const std::string& common_name) : parts_(std::make_unique<Parts>()) {
  parts_->key = make_key();
  parts_->certificate = begin_certificate(parts_->key.get(), common_name, {});
  X509* const certificate = parts_->certificate.get();
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, certificate, parts_->key.get());
  certificate_pem_ = pem_of(certificate);
}

TestCa::~TestCa() = default;
TestCa::TestCa(TestCa&&) noexcept = default;
TestCa& TestCa::operator=(TestCa&&) noexcept = default;

KeyedCertificate TestCa::issue(const CertificateNames& names,
                               const CertificateValidity& validity) const {
  return make_server_certificate(names, validity, parts_->certificate.get(), parts_->key.get());
}

KeyedCertificate self_signed(const CertificateNames& names, const CertificateValidity& validity) {
  return make_server_certificate(names, validity, nullptr, nullptr);
}

}  // namespace sluice::test
