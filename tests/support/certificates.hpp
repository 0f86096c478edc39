#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// A certificate and its private key (EC P-256, unencrypted PKCS #8), both PEM text.
struct KeyedCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

/// Whom a certificate is for: its subjectAltName entries (RFC 5280, 4.2.1.6).
struct CertificateNames {
  std::vector<std::string> dns;  ///< "localhost", "*.example.test"
  std::vector<std::string> ip;   ///< "127.0.0.1", "::1"
};

/// When a certificate is valid, relative to the moment it is made.
struct CertificateValidity {
  std::chrono::seconds not_before{std::chrono::hours(-1)};
  std::chrono::seconds not_after{std::chrono::hours(24)};
};

/// Was valid until yesterday.
inline constexpr CertificateValidity kExpired{std::chrono::hours(-48), std::chrono::hours(-24)};
/// Becomes valid tomorrow.
inline constexpr CertificateValidity kNotYetValid{std::chrono::hours(24), std::chrono::hours(48)};

/// A certificate authority made for one test; nothing trusts it unless told to.
///
/// Every function here that makes a certificate throws std::runtime_error with OpenSSL's reason
/// when it cannot, for instance for an `ip` entry that is no address. Not for use by two threads at
/// once.
class TestCa {
 public:
  /// Makes a new key and a self-signed CA certificate for it with this common name.
  explicit TestCa(const std::string& common_name = "Sluice test CA");
  ~TestCa();
  TestCa(TestCa&&) noexcept;
  TestCa& operator=(TestCa&&) noexcept;

  /// The CA's own certificate: what a client has to trust. To hand it to a program as a file, use
  /// `TempDir::write("ca.pem", ca.certificate_pem())`.
  [[nodiscard]] const std::string& certificate_pem() const noexcept { return certificate_pem_; }

  /// A server certificate signed by this CA, with a new key.
  [[nodiscard]] KeyedCertificate issue(const CertificateNames& names,
                                       const CertificateValidity& validity = {}) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string certificate_pem_;
};

/// A server certificate signed by its own key, which no trust store knows.
[[nodiscard]] KeyedCertificate self_signed(const CertificateNames& names,
                                           const CertificateValidity& validity = {});

}  // namespace sluice::test
