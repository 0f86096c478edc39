# Compiler flags shared by all rooms, and the two Boost libraries compiled once each: Asio's and
# Beast's headers are expensive, so their non-template code is not compiled into every room.
add_library(sluice_options INTERFACE)
target_compile_options(sluice_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${SLUICE_WERROR}>:-Werror>
  # GCC takes the recycling allocator of Asio's coroutine frames for a mismatch (a known false alarm).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
target_compile_definitions(sluice_options INTERFACE SLUICE_VERSION="${PROJECT_VERSION}")

if(SLUICE_SANITIZE)
  # GCC's own manual: sanitizers make this warning unreliable. The other builds keep it.
  target_compile_options(sluice_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # The thread sanitizer does not see Asio's fences; Asio's locks order everything anyway.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  add_compile_options(-fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SLUICE_SANITIZE})
endif()

if(SLUICE_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)  # the fuzzer follows what the code covers
endif()

add_library(sluice_asio STATIC cmake/asio.cpp)
target_compile_definitions(sluice_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_REGEX
  # A request is a dozen nested coroutines: keep as many of their frames, and let the larger ones
  # come from plain operator new.
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16 BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC
  BOOST_ASIO_DISABLE_BOOST_ALIGN)
target_link_libraries(sluice_asio PUBLIC Boost::headers Threads::Threads)

add_library(sluice_beast STATIC cmake/beast.cpp)
target_compile_definitions(sluice_beast PUBLIC BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(sluice_beast PUBLIC sluice_asio)

add_library(sluice_json STATIC cmake/json.cpp)
target_link_libraries(sluice_json PUBLIC Boost::headers)
