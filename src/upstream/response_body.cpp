#include "sluice/upstream/response_body.hpp"

#include "sluice/net/worker.hpp"
#include "sluice/upstream/connection_pool.hpp"

namespace sluice::upstream {
namespace {

Error body_failure(error_code error) {
  if (net::is_cancel(error)) return net::cancel_error(error);
  if (error == asio::error::timed_out) {
    return upstream_error(Errc::idle_timeout, "the origin paused for too long in its answer");
  }
  return upstream_error(Errc::body_cut, net::describe(error));
}

Error longer_than_expected() {
  return upstream_error(Errc::bad_response, "more than the rest of the body");
}

}  // namespace

ResponseBody::ResponseBody(Source source, http::BodyFraming framing, net::BufferPool::Buffer buffer,
                           std::size_t begin, std::size_t size)
    : source_(std::move(source)),
      decoder_(framing),
      buffer_(std::move(buffer)),
      begin_(begin),
      end_(begin + size) {
  if (decoder_.finished()) {
    release();
  } else {
    cancel_scope_ = std::make_unique<net::CancelScope>(source_.cancel, *source_.stream);
  }
}

awaitable<Result<net::Bytes>> ResponseBody::next() {
  return next_before(Deadline::in(source_.idle_timeout));
}

awaitable<Result<net::Bytes>> ResponseBody::next_before(Deadline deadline) {
  while (!decoder_.finished()) {
    if (begin_ == end_) {
      if (auto filled = co_await fill(deadline); !filled) co_return filled.error();
      continue;
    }
    auto decoded = decoder_.decode(buffer_.bytes().subspan(begin_, end_ - begin_));
    if (!decoded) co_return decoded.error();
    const auto piece = buffer_.bytes().subspan(begin_, decoded->payload);
    begin_ += decoded->consumed;
    if (piece.size() > allowed_) co_return longer_than_expected();
    allowed_ -= piece.size();
    source_.stream->worker().metrics().add(Count::bytes_received, piece.size());
    if (decoder_.finished()) release_connection();
    if (!piece.empty()) co_return piece;
  }
  release();
  co_return net::Bytes();
}

/// Reads what is there into the empty buffer, waiting for it when need be.
awaitable<Result<>> ResponseBody::fill(Deadline deadline) {
  if (!buffer_) buffer_ = source_.stream->worker().buffers().take();
  auto& stream = *source_.stream;
  for (;;) {
    const auto got = stream.try_read(buffer_.bytes());
    if (!got) co_return body_failure(got.error());
    if (*got) {
      begin_ = 0;
      end_ = **got;
      if (end_ == 0) co_return decoder_.end_of_stream();
      co_return Result<>();
    }
    const auto rest = decoder_.is_plain() ? decoder_.remaining() : 0;
    if (const auto error = co_await stream.wait_for_batch(rest, deadline)) {
      co_return body_failure(error);
    }
  }
}

bool ResponseBody::can_splice() const noexcept {
  return source_.stream && source_.stream->can_splice() && decoder_.is_plain() && !has_buffered();
}

Result<bool> ResponseBody::try_splice(net::SplicePipe& pipe, std::size_t max) {
  buffer_ = {};
  if (decoder_.remaining() < max) max = static_cast<std::size_t>(decoder_.remaining());
  const auto moved = source_.stream->try_splice_in(pipe, max);
  if (!moved) {
    if (moved.error() == asio::error::operation_not_supported) {
      return upstream_error(Errc::splice_refused);
    }
    return body_failure(moved.error());
  }
  if (!*moved) return false;
  if (**moved == 0) return decoder_.end_of_stream().error();
  if (**moved > allowed_) return longer_than_expected();
  allowed_ -= **moved;
  source_.stream->worker().metrics().add(Count::bytes_received, **moved);
  decoder_.skip(**moved);
  if (decoder_.finished()) release();
  return true;
}

awaitable<Result<>> ResponseBody::wait(bool in_batches) {
  const auto error = co_await source_.stream->wait_for_batch(in_batches ? decoder_.remaining() : 0,
                                                             Deadline::in(source_.idle_timeout));
  if (error) co_return body_failure(error);
  co_return Result<>();
}

awaitable<void> ResponseBody::drain(std::uint64_t max_bytes, Clock::duration patience) {
  const auto deadline = Deadline::in(patience);
  if (decoder_.remaining() > max_bytes) max_bytes = 0;
  while (!finished() && source_.pool && max_bytes > 0) {
    auto piece = co_await next_before(deadline);
    if (!piece || piece->size() > max_bytes) break;
    max_bytes -= piece->size();
  }
  if (finished()) {
    release();
  } else {
    close();
  }
}

void ResponseBody::close() {
  cancel_scope_.reset();
  source_.stream.reset();
  source_.permit.give_back();
}

void ResponseBody::release() {
  release_connection();
  buffer_ = {};
}

/// Bytes behind the body's end forbid using it again.
void ResponseBody::release_connection() {
  cancel_scope_.reset();
  if (!source_.stream) return;
  auto stream = std::move(source_.stream);
  if (source_.pool && begin_ == end_) {
    stream->forget_cancel();
    stream->end_batches();
    stream->hold_little(false);
    source_.pool->give(source_.pool_key, {std::move(stream), std::move(source_.permit)},
                       Clock::now());
  }
  source_.permit.give_back();
}

}  // namespace sluice::upstream
