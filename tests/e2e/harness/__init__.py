"""What the end-to-end tests are made of: real servers, real streams, real players.

Environment:
  SLUICE_BINARY      the program under test (required unless SLUICE_E2E_DIRECT=1)
  SLUICE_E2E_DIRECT  1 = play straight from nginx; shows that the tests' own parts work
  SLUICE_E2E_CACHE   folder where streams are kept between runs (default: made each time)
  CHROMIUM           the browser (default: /usr/bin/chromium)
"""
