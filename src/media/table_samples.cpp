#include "table_samples.hpp"

#include <string>
#include <utility>

#include "auxiliary_capture.hpp"
#include "auxiliary_info.hpp"
#include "sluice/mp4/sample_groups.hpp"
#include "sluice/mp4/sample_table.hpp"

namespace sluice::media {
namespace {

using mp4::four_cc;

/// Of all tracks: of equal sizes, they need no bytes in the movie but time. A film has a million.
constexpr std::uint64_t kMaxSamples = 8'000'000;

/// One track, chunk after chunk. All views point into the moov, which is shared.
class TableSamples final : public SampleSource {
 public:
  /// Checks what lies in the moov; errors of read_sample_tables().
  [[nodiscard]] static Result<std::unique_ptr<TableSamples>> read(
      std::shared_ptr<const std::vector<char>> moov, std::uint64_t offset, std::string_view stbl,
      std::shared_ptr<const Mp4Protection> protection, const TrackProtection& track,
      CipherBank& bank);

  [[nodiscard]] Result<std::optional<SampleExtent>> peek() override;
  [[nodiscard]] Result<std::optional<ProtectedSample>> take() override;
  void observe(std::uint64_t position, std::string_view bytes) override {
    capture_.observe(position, bytes);
  }
  /// The moov, which tracks share, is counted once by whoever holds them.
  [[nodiscard]] std::size_t held() const noexcept override { return capture_.held(); }

 private:
  struct Found {
    SampleExtent extent;
    const SampleRule* rule;
    std::string_view auxiliary;
  };

  TableSamples() = default;
  [[nodiscard]] Result<> place_auxiliary(const AuxiliaryBoxes& boxes, std::uint64_t offset);
  [[nodiscard]] Result<> check_keys();
  [[nodiscard]] Result<bool> next_chunk();

  std::shared_ptr<const std::vector<char>> moov_;
  std::shared_ptr<const Mp4Protection> protection_;
  std::vector<SampleRules> entries_;
  mp4::SampleTable table_;
  mp4::ChunkRuns chunks_{{}};
  mp4::SampleToGroup groups_;
  AuxiliaryInfo auxiliary_;
  AuxiliaryCapture capture_;
  bool captured_ = false;

  std::uint32_t chunk_ = 0;       ///< those entered
  std::uint32_t chunk_left_ = 0;  ///< samples of the current one
  SampleRules* rules_ = nullptr;  ///< of the current one
  std::uint64_t offset_ = 0;
  std::uint32_t sample_ = 0;
  std::size_t auxiliary_at_ = 0;
  std::optional<Found> found_;
};

Result<std::unique_ptr<TableSamples>> TableSamples::read(
    std::shared_ptr<const std::vector<char>> moov, std::uint64_t offset, std::string_view stbl,
    std::shared_ptr<const Mp4Protection> protection, const TrackProtection& track,
    CipherBank& bank) {
  auto table = mp4::parse_sample_table(stbl);
  if (!table) return table.error();
  std::unique_ptr<TableSamples> samples(new TableSamples);
  samples->moov_ = std::move(moov);
  samples->protection_ = std::move(protection);
  samples->table_ = *table;
  samples->chunks_ = mp4::ChunkRuns(table->chunk_runs);
  for (const auto& entry : track.entries) {
    samples->entries_.emplace_back(entry, track.groups, mp4::EncryptionGroups(), bank);
  }
  mp4::BoxReader boxes(stbl);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() != four_cc("sbgp")) continue;
    if (mp4::grouping_type(box->content()) != four_cc("seig")) continue;
    const auto groups = mp4::SampleToGroup::parse(box->content());
    if (!groups) return groups.error();
    samples->groups_ = *groups;
  }
  const auto auxiliary = AuxiliaryBoxes::read(stbl);
  if (!auxiliary) return auxiliary.error();
  if (auto placed = samples->place_auxiliary(*auxiliary, offset); !placed) return placed.error();
  if (auto checked = samples->check_keys(); !checked) return checked.error();
  return samples;
}

Result<> TableSamples::place_auxiliary(const AuxiliaryBoxes& boxes, std::uint64_t offset) {
  if (boxes.senc) {
    auxiliary_ = AuxiliaryInfo(*boxes.senc, boxes.saiz);
    return {};
  }
  if (!boxes.saiz || !boxes.saio || boxes.saiz->sample_count == 0) return {};
  if (boxes.saio->count != 1) {
    return upstream_error(Errc::bad_segment,
                          "what is said about the samples is spread over the file (saio)");
  }
  const auto total = boxes.saiz->total();
  const auto first = boxes.saio->offset(0);
  const std::string_view moov(moov_->data(), moov_->size());
  if (first >= offset && first - offset <= moov.size() && total <= moov.size() - (first - offset)) {
    auxiliary_ = AuxiliaryInfo(*boxes.saiz, moov.substr(static_cast<std::size_t>(first - offset),
                                                        static_cast<std::size_t>(total)));
    return {};
  }
  if (total > AuxiliaryCapture::kMost) return mp4::malformed("saiz");
  const auto room = capture_.reserve(static_cast<std::size_t>(total));
  auxiliary_ = AuxiliaryInfo(*boxes.saiz, room);
  (void)capture_.want(first, room);
  captured_ = true;
  return {};
}

/// Asks for the key of the first encrypted sample, and so for all where there is only one.
Result<> TableSamples::check_keys() {
  const auto first = peek();
  if (!first) return first.error();
  return {};
}

/// Enters the next chunk that has samples; false at the end.
Result<bool> TableSamples::next_chunk() {
  while (chunk_left_ == 0) {
    if (chunk_ == table_.chunk_count || sample_ == table_.sample_count) return false;
    const auto chunk = chunks_.next();
    offset_ = table_.chunk_offset(chunk_++);
    chunk_left_ = chunk.samples;
    if (chunk.description_index == 0 || chunk.description_index > entries_.size()) {
      return mp4::malformed("stsc");
    }
    rules_ = &entries_[chunk.description_index - 1];
  }
  return sample_ < table_.sample_count;
}

Result<std::optional<SampleExtent>> TableSamples::peek() {
  while (!found_) {
    const auto more = next_chunk();
    if (!more) return more.error();
    if (!*more) return std::optional<SampleExtent>();
    const auto rule = rules_->rule(groups_.group_of(sample_));
    if (!rule) return rule.error();
    const auto auxiliary = auxiliary_.next(auxiliary_at_, sample_, (*rule)->iv_size);
    if (!auxiliary) return auxiliary.error();
    const auto size = table_.sample_size(sample_);
    if (size > 0 && !(*rule)->says_clear(*auxiliary)) {
      found_ = Found{{offset_, size}, *rule, *auxiliary};
    }
    offset_ += size;
    ++sample_;
    --chunk_left_;
  }
  return std::optional(found_->extent);
}

Result<std::optional<ProtectedSample>> TableSamples::take() {
  const auto found = *found_;
  found_.reset();
  if (captured_ && !capture_.complete(0)) {
    return upstream_error(Errc::bad_segment,
                          "what is said about a sample's encryption lies behind the sample");
  }
  const auto encryption = found.rule->read(found.auxiliary, found.extent.size);
  if (!encryption) return encryption.error();
  if (!*encryption) return std::optional<ProtectedSample>();
  return std::optional(ProtectedSample{found.extent, found.rule, **encryption});
}

}  // namespace

Result<std::vector<std::unique_ptr<SampleSource>>> read_sample_tables(
    const std::vector<char>& moov, std::uint64_t offset, std::size_t header_size,
    const std::shared_ptr<const Mp4Protection>& protection, CipherBank& bank) {
  std::vector<std::unique_ptr<SampleSource>> sources;
  std::shared_ptr<const std::vector<char>> shared;
  std::size_t number = 0;
  std::uint64_t samples = 0;
  const auto boxes_of = [header_size](const std::vector<char>& box) {
    return mp4::BoxReader(std::string_view(box.data(), box.size()).substr(header_size));
  };
  auto boxes = boxes_of(moov);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() != four_cc("trak")) continue;
    const auto& track = protection->tracks()[number++];
    if (!track.any_protected()) continue;
    auto content = box->content();
    for (const auto* path : {"mdia", "minf", "stbl"}) {
      const auto inner = mp4::find_box(content, four_cc(path));
      content = inner ? inner->content() : std::string_view();
    }
    const auto table = mp4::parse_sample_table(content);
    if (!table) return table.error();
    if (table->sample_count == 0) continue;
    samples += table->sample_count;
    if (samples > kMaxSamples) {
      return upstream_error(Errc::bad_segment, "too many samples in one movie");
    }
    // Copied when there is something to be found in it: with fragments there is not.
    if (!shared) shared = std::make_shared<const std::vector<char>>(moov);
    const auto at = static_cast<std::size_t>(content.data() - moov.data());
    const auto stbl = std::string_view(shared->data(), shared->size()).substr(at, content.size());
    auto source = TableSamples::read(shared, offset, stbl, protection, track, bank);
    if (!source) return source.error();
    sources.push_back(std::move(*source));
  }
  return sources;
}

}  // namespace sluice::media
