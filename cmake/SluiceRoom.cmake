# One call per room: sluice_room(<name> SOURCES <files of src/name> USES <rooms> LINKS <libraries>).
# A room is a static library whose headers are include/sluice/<name>.
function(sluice_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;USES;LINKS")
  if(room_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sluice_room(${name}): unknown arguments ${room_UNPARSED_ARGUMENTS}")
  endif()
  list(TRANSFORM room_SOURCES PREPEND "src/${name}/")
  list(TRANSFORM room_USES PREPEND "sluice_")
  add_library(sluice_${name} STATIC ${room_SOURCES})
  target_include_directories(sluice_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(sluice_${name} PUBLIC sluice_options ${room_USES} ${room_LINKS})
endfunction()
