#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"
#include "sluice/core/xml.hpp"
#include "sluice/dash/mpd.hpp"

namespace sluice::dash {

/// What all parts of parse_mpd() share: the first failure, which the rest need not look at, and the
/// budgets. A value that is malformed fails, and reads as absent.
class MpdReader {
 public:
  /// `text` is what elements point into; it outlives this.
  explicit MpdReader(std::string_view text) noexcept : text_(text) {}

  /// Only the first is kept.
  void fail(const xml::Element& at, std::string_view what);
  [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
  [[nodiscard]] const Error& error() const noexcept { return *error_; }

  [[nodiscard]] std::optional<std::uint64_t> number(const xml::Element& element, const char* name);
  [[nodiscard]] std::optional<std::int64_t> signed_number(const xml::Element& element,
                                                          const char* name);
  /// Fails when negative, too.
  [[nodiscard]] std::optional<Duration> duration(const xml::Element& element, const char* name);
  [[nodiscard]] std::optional<Time> time(const xml::Element& element, const char* name);
  /// Seconds as a decimal number.
  [[nodiscard]] std::optional<Duration> seconds(const xml::Element& element, const char* name);
  [[nodiscard]] std::optional<ByteRange> range(const xml::Element& element, const char* name);
  [[nodiscard]] std::optional<bool> boolean(const xml::Element& element, const char* name);

  /// Each counts against a limit of parse_mpd(), and fails once it is used up.
  void count_period(const xml::Element& at);
  void count_representation(const xml::Element& at);
  void count_timeline_entry(const xml::Element& at);
  void count_inherited(const xml::Element& at, std::size_t bytes);

 private:
  void malformed(const xml::Element& element, const char* name, std::string_view value);

  std::string_view text_;
  std::optional<Error> error_;
  std::size_t periods_ = 0;
  std::size_t representations_ = 0;
  std::size_t timeline_entries_ = 0;
  std::size_t inherited_bytes_ = 0;
};

/// "a-b" or "a-"; nullopt when malformed or b lies before a.
[[nodiscard]] std::optional<ByteRange> parse_range(std::string_view text) noexcept;
/// The attribute, or an empty text.
[[nodiscard]] std::string text_of(const xml::Element& element, const char* name);
/// For attributes that only inform: malformed is absent.
[[nodiscard]] std::optional<std::uint32_t> lenient_number(const xml::Element& element,
                                                          const char* name) noexcept;

/// What an xlink:href says; `resolves_to_zero`: the element is to be left out.
struct XlinkReading {
  std::optional<Xlink> xlink;
  bool resolves_to_zero = false;
};
[[nodiscard]] XlinkReading read_xlink(const xml::Element& element);

/// The base URLs of an element below `parent`.
[[nodiscard]] BaseUrls read_base_urls(MpdReader& reader, const xml::Element& element,
                                      const BaseUrls& parent);

/// The segment information of an element, completed by what is `inherited`, not null.
[[nodiscard]] std::shared_ptr<const SegmentInfo> read_segment_info(
    MpdReader& reader, const xml::Element& element,
    const std::shared_ptr<const SegmentInfo>& inherited);

[[nodiscard]] Descriptor read_descriptor(const xml::Element& element);
[[nodiscard]] CommonAttributes read_common(const xml::Element& element);
[[nodiscard]] AdaptationSet read_adaptation_set(MpdReader& reader, const xml::Element& element,
                                                const BaseUrls& base_urls,
                                                const std::shared_ptr<const SegmentInfo>& segments);

/// Fills in start and end of all Periods.
void infer_period_times(Mpd& mpd) noexcept;

}  // namespace sluice::dash
