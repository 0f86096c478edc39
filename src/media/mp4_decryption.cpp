#include "sluice/media/mp4_decryption.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fragment_samples.hpp"
#include "mp4_unprotect.hpp"
#include "sample_merge.hpp"
#include "sample_rules.hpp"
#include "sluice/mp4/box_scanner.hpp"
#include "table_samples.hpp"

namespace sluice::media {
namespace {

using mp4::four_cc;

constexpr std::size_t kBlock = 16;
constexpr std::uint64_t kMaxMoof = 8U * 1024 * 1024;
constexpr std::uint64_t kMaxMoov = 32U * 1024 * 1024;
/// Held until the first moof or mdat tells which keys are needed, and the first samples whether
/// they are the right ones.
constexpr std::size_t kMaxOpening = 64U * 1024;
/// Fragments that wait for their media data; each costs time with every sample.
constexpr std::size_t kMaxWaiting = 64;
/// Samples told of by no bytes of their own, beyond the bytes of the stream so far.
constexpr std::uint64_t kMaxImplied = 64U * 1024;

std::string_view view_of(Bytes bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

/// Whether a file, or a part of one, may begin with such a box.
bool may_be_first(mp4::FourCc type) noexcept {
  constexpr std::array kTypes{four_cc("ftyp"), four_cc("styp"), four_cc("moov"), four_cc("moof"),
                              four_cc("mdat"), four_cc("sidx"), four_cc("ssix"), four_cc("emsg"),
                              four_cc("prft"), four_cc("free"), four_cc("skip"), four_cc("wide"),
                              four_cc("uuid"), four_cc("pdin"), four_cc("mfra"), four_cc("meta")};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

class Mp4Decryption final : public ByteTransform {
 public:
  Mp4Decryption(cenc::KeySet keys, std::shared_ptr<const Mp4Protection> protection,
                std::uint64_t first_byte)
      : bank_(std::move(keys)),
        protection_(std::move(protection)),
        first_byte_(first_byte),
        position_(first_byte) {}

  [[nodiscard]] Result<Step> feed(Bytes input) override;
  [[nodiscard]] Result<Bytes> finish() override;
  [[nodiscard]] std::optional<std::uint64_t> output_size(
      std::uint64_t input_size) const noexcept override {
    return input_size;
  }
  [[nodiscard]] std::size_t max_buffered() const noexcept override {
    return static_cast<std::size_t>(2 * kMaxMoov + 2 * kMaxMoof) + AuxiliaryCapture::kMost;
  }

 private:
  [[nodiscard]] Result<Step> advance(Bytes input);
  [[nodiscard]] Result<Step> fill_box(Bytes input);
  [[nodiscard]] Result<Step> fill_block(Bytes input);
  [[nodiscard]] Result<Step> hold_block(Bytes rest);
  [[nodiscard]] Result<std::size_t> pass_content(Bytes content);
  [[nodiscard]] Result<> begin_box(const mp4::BoxScanner::Header& header);
  [[nodiscard]] Result<> end_moof();
  [[nodiscard]] Result<> end_moov();

  CipherBank bank_;
  std::shared_ptr<const Mp4Protection> protection_;
  std::uint64_t first_byte_;
  std::uint64_t position_;  ///< in the file, of the next byte to be looked at
  mp4::BoxScanner scanner_;
  SampleMerge samples_;
  KeyWatch watch_;

  bool first_ = true;           ///< no box has begun yet
  bool opening_ = true;         ///< output goes to opened_ instead
  std::vector<char> opened_;    ///< what leaves first
  std::uint64_t implied_ = 0;   ///< samples so far that no bytes of their own told of
  std::size_t boxes_size_ = 0;  ///< of the moof and moov in it, which do not count
  bool collecting_ = false;     ///< a moof or moov into held_
  bool in_moov_ = false;        ///< which
  std::size_t box_header_ = 0;
  std::vector<char> held_;
  std::vector<char> box_;  ///< the one just given out
  std::array<char, kBlock> block_{};
  std::size_t block_size_ = 0;
  std::array<char, mp4::kMaxBoxHeader> header_{};
};

Result<ByteTransform::Step> Mp4Decryption::feed(Bytes input) {
  const bool was_opening = opening_;
  auto step = advance(input);
  if (!step) return step;
  bank_.flush();
  if (opened_.empty() && !was_opening) return step;
  opened_.insert(opened_.end(), step->output.begin(), step->output.end());
  step->output = {};
  if (auto looked = watch_.look(first_byte_, {opened_.data(), opened_.size()}); !looked) {
    return looked.error();
  }
  // What is to be told is told by this fragment, lest a live one wait for the next.
  const auto more = samples_.any_left();
  if (!more) return more.error();
  const bool hold = opening_ || (!watch_.done() && *more);
  const auto boxes = std::min<std::size_t>(boxes_size_, kMaxMoov + kMaxMoof);
  if (hold && opened_.size() <= kMaxOpening + boxes) return step;
  watch_.stop();
  opening_ = false;
  box_ = std::exchange(opened_, {});
  step->output = box_;
  return step;
}

/// As feed(), up to where the output goes on elsewhere.
Result<ByteTransform::Step> Mp4Decryption::advance(Bytes input) {
  if (block_size_ > 0) return fill_block(input);
  if (collecting_) return fill_box(input);
  std::size_t at = 0;
  while (at < input.size() && !collecting_) {
    const auto rest = input.subspan(at);
    if (scanner_.in_header()) {
      const bool whole = scanner_.partial_header().empty();
      const auto header = scanner_.take_header(view_of(rest));
      if (!header) return header.error();
      if (!*header) return Step{input.size(), input.first(at)};
      if (auto begun = begin_box(**header); !begun) return begun.error();
      if (collecting_) return Step{at + (*header)->taken, input.first(at)};
      if (!whole) {
        const auto bytes = (*header)->bytes;
        std::copy(bytes.begin(), bytes.end(), header_.begin());
        return Step{(*header)->taken, Bytes(header_).first(bytes.size())};
      }
      at += (*header)->taken;
      continue;
    }
    const auto content = rest.first(scanner_.content_in(rest.size()));
    samples_.observe(position_, view_of(content));
    const auto done = pass_content(content);
    if (!done) return done.error();
    at += *done;
    if (*done == content.size()) continue;
    if (at > 0) break;
    return hold_block(content);
  }
  return Step{at, input.first(at)};
}

/// Decrypts content that has been shown to the samples, and counts it.
Result<std::size_t> Mp4Decryption::pass_content(Bytes content) {
  const auto done = samples_.decrypt(position_, content, watch_);
  if (!done) return done.error();
  position_ += *done;
  scanner_.pass(*done);
  return *done;
}

/// Keeps the beginning of a block that goes on in the next piece.
Result<ByteTransform::Step> Mp4Decryption::hold_block(Bytes rest) {
  std::copy(rest.begin(), rest.end(), block_.begin());
  block_size_ = rest.size();
  return Step{rest.size(), {}};
}

Result<ByteTransform::Step> Mp4Decryption::fill_block(Bytes input) {
  const auto missing = std::min(input.size(), kBlock - block_size_);
  const auto in_box = scanner_.content_in(block_size_ + missing) - block_size_;
  if (in_box == 0) {
    return upstream_error(Errc::bad_segment, "an encrypted sample reaches beyond its box");
  }
  const auto part = input.first(in_box);
  samples_.observe(position_ + block_size_, view_of(part));
  std::copy(part.begin(), part.end(), block_.begin() + static_cast<std::ptrdiff_t>(block_size_));
  block_size_ += part.size();
  if (block_size_ < kBlock) return Step{part.size(), {}};
  const auto done = pass_content(block_);
  if (!done) return done.error();
  block_size_ = 0;
  return Step{part.size(), block_};
}

/// Looks at the header of a box, which counts as passed.
Result<> Mp4Decryption::begin_box(const mp4::BoxScanner::Header& header) {
  const auto& box = header.box;
  if (first_ && !may_be_first(box.type)) {
    return upstream_error(Errc::bad_segment, "it is no MP4");
  }
  first_ = false;
  if (samples_.in_sample()) {
    return upstream_error(Errc::bad_segment, "an encrypted sample reaches beyond its box");
  }
  in_moov_ = box.type == four_cc("moov");
  collecting_ = in_moov_ || box.type == four_cc("moof");
  if (collecting_) {
    if (box.size == 0 || box.size > (in_moov_ ? kMaxMoov : kMaxMoof)) {
      return upstream_error(Errc::bad_segment, "its box " + mp4::to_string(box.type) +
                                                   " is larger than this server takes");
    }
    held_.assign(header.bytes.begin(), header.bytes.end());
    box_header_ = box.header_size;
    if (scanner_.in_header()) return in_moov_ ? mp4::malformed("moov") : mp4::malformed("moof");
    return {};
  }
  position_ += box.header_size;
  if (box.type == four_cc("mdat") && opening_) {
    if (!protection_) {
      return upstream_error(Errc::bad_segment,
                            "its media data comes in front of its description (moov)");
    }
    opening_ = false;
  }
  return {};
}

Result<ByteTransform::Step> Mp4Decryption::fill_box(Bytes input) {
  const auto part = input.first(scanner_.content_in(input.size()));
  held_.insert(held_.end(), part.begin(), part.end());
  scanner_.pass(part.size());
  if (!scanner_.in_header()) return Step{part.size(), {}};
  collecting_ = false;
  boxes_size_ += held_.size();
  const auto ended = in_moov_ ? end_moov() : end_moof();
  if (!ended) return ended.error();
  return Step{part.size(), box_};
}

Result<> Mp4Decryption::end_moov() {
  const auto content = Bytes(held_).subspan(box_header_);
  auto parsed = Mp4Protection::parse_moov(view_of(content));
  if (!parsed) return parsed.error();
  protection_ = std::make_shared<const Mp4Protection>(std::move(*parsed));
  const auto end = position_ + held_.size();
  if (protection_->any_protected()) {
    auto tracks = read_sample_tables(held_, position_, box_header_, protection_, bank_);
    if (!tracks) return tracks.error();
    for (auto& track : *tracks) samples_.add(std::move(track));
    if (auto ordered = samples_.check_none_before(end); !ordered) return ordered.error();
  }
  position_ = end;
  box_ = std::exchange(held_, {});
  return unprotect_moov(Bytes(box_).subspan(box_header_));
}

Result<> Mp4Decryption::end_moof() {
  if (!protection_) {
    return upstream_error(Errc::bad_segment,
                          "a fragment without an initialisation segment that describes it");
  }
  if (samples_.sources() >= kMaxWaiting + protection_->tracks().size() ||
      samples_.held() + held_.size() > kMaxMoov + kMaxMoof) {
    return upstream_error(Errc::bad_segment, "too many fragments before their media data");
  }
  box_ = held_;
  const auto allowed = position_ - first_byte_ + held_.size() + kMaxImplied;
  auto left = allowed - std::min(allowed, implied_);
  const auto before = left;
  auto fragment = FragmentSamples::parse(std::move(held_), position_, protection_, bank_, left);
  implied_ += before - left;
  held_ = {};
  if (!fragment) return fragment.error();
  samples_.add(std::move(*fragment));
  position_ += box_.size();
  if (auto ordered = samples_.check_none_before(position_); !ordered) return ordered.error();
  opening_ = false;
  return unprotect_moof(Bytes(box_).subspan(box_header_), *protection_);
}

Result<Bytes> Mp4Decryption::finish() {
  if (first_) return upstream_error(Errc::bad_segment, "it is no MP4");
  const auto partial = scanner_.partial_header();
  // Some files are padded with zeros.
  const bool padding =
      std::all_of(partial.begin(), partial.end(), [](char byte) { return byte == 0; });
  const auto left = samples_.any_left();
  if (!left) return left.error();
  if (collecting_ || block_size_ > 0 || samples_.in_sample() || *left || !padding ||
      (!scanner_.may_end() && partial.empty())) {
    return upstream_error(Errc::bad_segment, "it ends in the middle of a box");
  }
  opened_.insert(opened_.end(), partial.begin(), partial.end());
  return Bytes(opened_);
}

}  // namespace

std::unique_ptr<ByteTransform> make_mp4_decryption(cenc::KeySet keys,
                                                   std::shared_ptr<const Mp4Protection> protection,
                                                   std::uint64_t first_byte) {
  return std::make_unique<Mp4Decryption>(std::move(keys), std::move(protection), first_byte);
}

}  // namespace sluice::media
