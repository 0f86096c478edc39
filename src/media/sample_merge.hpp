#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "key_watch.hpp"
#include "sample_source.hpp"
#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// Decrypts what passes, in place, by the samples of all sources at once.
class SampleMerge {
 public:
  void add(std::unique_ptr<SampleSource> source) {
    sources_.push_back(std::move(source));
    next_.reset();
  }

  /// Bytes of the file at `position`, those of one box only. How many of them are done with: all
  /// but the beginning of an encrypted block, fewer than 16 bytes. They are decrypted when the
  /// ciphers have been flushed. bad_segment when a sample lies in front of `position`.
  [[nodiscard]] Result<std::size_t> decrypt(std::uint64_t position, Bytes bytes, KeyWatch& watch);
  /// To be called before, with bytes that were not shown yet.
  void observe(std::uint64_t position, std::string_view bytes);

  /// bad_segment when a sample is to begin in front of `position`.
  [[nodiscard]] Result<> check_none_before(std::uint64_t position);
  /// In the middle of a sample.
  [[nodiscard]] bool in_sample() const noexcept { return left_ > 0; }
  /// Whether there are samples to come.
  [[nodiscard]] Result<bool> any_left();
  [[nodiscard]] std::size_t held() const noexcept;
  /// Of which some may have nothing left.
  [[nodiscard]] std::size_t sources() const noexcept { return sources_.size(); }

 private:
  struct Next {
    SampleSource* source;
    SampleExtent extent;
  };
  [[nodiscard]] Result<std::optional<Next>> next();

  std::vector<std::unique_ptr<SampleSource>> sources_;
  std::optional<Next> next_;              ///< known already
  cenc::SampleCipher* cipher_ = nullptr;  ///< of the current sample
  std::uint32_t left_ = 0;                ///< bytes of it
};

}  // namespace sluice::media
