# maxpost: how it is built, tested and installed.  GNU make; read it from top to bottom.
#
#   make demo      prepare a fresh Debian machine, build, fit a real model
#   make test      the same preparation, then every test
#   make help      all targets
#
# Settings to override:  CC  CFLAGS  LDFLAGS  PREFIX  DESTDIR  BUILD  OPTIONAL  WERROR=1  V=1
# (CI=true in the environment implies WERROR=1.)

CC       = gcc
AR       = ar
CFLAGS   = -O2 -g
LDFLAGS  =
OPENMP   = -fopenmp
PREFIX   = /usr/local
DESTDIR  =
BUILD    = build

# All cores, unless the caller said otherwise (a -j of the caller's own wins).
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:

# One line a step; V=1 shows the commands.
Q = $(if $(filter 1,$(V)),,@)

# ---- what there is --------------------------------------------------------------------------
# Every src/FLOOR/*.c is the library, except src/cli: the program, a client of the library.
LIB_SOURCES   := $(sort $(filter-out src/cli/%,$(wildcard src/*/*.c)))
CLI_SOURCES   := $(sort $(wildcard src/cli/*.c))
# tests/unit/test_NAME.c is a program; other .c files beside them are linked into each.
TEST_SOURCES  := $(sort $(wildcard tests/unit/test_*.c))
TEST_SUPPORT  := $(sort $(filter-out $(TEST_SOURCES),$(wildcard tests/unit/*.c)))
FUZZ_SOURCES  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SOURCES := $(sort $(wildcard tests/bench/bench_*.c))
PUBLIC        := $(sort $(wildcard include/maxpost/*.h))
HEADERS       := $(sort $(wildcard src/*/*.h)) $(PUBLIC)
MAN_PAGES     := $(sort $(wildcard docs/*.1 docs/man/*.1))
FORMATTED     := $(sort $(wildcard src/*/*.[ch] include/maxpost/*.h tests/*/*.[ch] docs/examples/*.c))

VERSION := $(shell sed -n 's/^.define MXP_VERSION "\(.*\)"/\1/p' include/maxpost/base.h)
SOVERSION := 0

objects     = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB_OBJECTS   := $(call objects,$(LIB_SOURCES))
CLI_OBJECTS   := $(call objects,$(CLI_SOURCES))
SUPPORT       := $(call objects,$(TEST_SUPPORT))
TESTS         := $(patsubst %.c,$(BUILD)/%,$(TEST_SOURCES))
BENCHES       := $(patsubst %.c,$(BUILD)/%,$(BENCH_SOURCES))
FUZZERS       := $(patsubst %.c,$(BUILD)/%,$(FUZZ_SOURCES))

PROGRAM := $(if $(CLI_SOURCES),$(BUILD)/maxpost)
STATIC  := $(BUILD)/libmaxpost.a
SHARED  := $(BUILD)/libmaxpost.so.$(SOVERSION)
PC      := $(BUILD)/maxpost.pc

# ---- flags ----------------------------------------------------------------------------------
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -Wcast-qual -Wvla
ifneq ($(filter-out 0 false,$(CI) $(WERROR)),)
WARNINGS += -Werror
endif
STANDARD = -std=c11 -D_POSIX_C_SOURCE=200809L

# pkg-config is asked at the first use, not while this file is read: `make demo` and `make test`
# install it first.
once = $(eval $(1) := $(2))$($(1))
DEPENDENCIES = openblas lapacke gsl yaml-0.1 jansson zlib
DEP_CFLAGS = $(call once,DEP_CFLAGS,$(shell pkg-config --cflags $(DEPENDENCIES)))
TEST_LIBS  = $(call once,TEST_LIBS,$(shell pkg-config --libs cmocka))

# GSL's pkg-config file names its own reference CBLAS, 7 to 9 times slower than OpenBLAS.  It is
# left out, and OpenBLAS is linked first and whatever --as-needed says, so that it is the one
# that answers (tests/install/test_linking.sh looks).
DEP_LIBS = $(call once,DEP_LIBS,-Wl$(comma)--no-as-needed \
    $(shell pkg-config --libs openblas) -Wl$(comma)--as-needed \
    $(filter-out -lgslcblas -lopenblas,$(shell pkg-config --libs $(DEPENDENCIES))) $(OPT_LIBS) -lm)
comma := ,

# The program starts in half the time where the large libraries are inside it: so it is where the
# compiler finds all of them as archives.  INSIDE= links them dynamically.
INSIDE   = gsl lapacke openblas yaml jansson z
archive  = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))
RUNTIME  = gfortran quadmath
found    = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).so))
ARCHIVES = $(call once,ARCHIVES,$(foreach l,$(INSIDE),$(call archive,$(l))))
IS_WHOLE = $(and $(INSIDE),$(filter $(words $(INSIDE)),$(words $(ARCHIVES))),$(filter \
    $(words $(RUNTIME)),$(words $(foreach l,$(RUNTIME),$(call found,$(l))))))
PROGRAM_LIBS = $(call once,PROGRAM_LIBS,$(if $(IS_WHOLE),$(ARCHIVES) $(OPT_LIBS) \
    $(addprefix -l,$(RUNTIME)) -lm -lpthread,$(DEP_LIBS)))

# What the library can do without: built in where pkg-config or the compiler finds it (Debian has no
# pkg-config file for readstat).  OPTIONAL= builds without.  $(FEATURES) holds what was found, so
# that the sources that ask are compiled again when it changes.
OPTIONAL = readstat sqlite3
FOUND = $(call once,FOUND,$(strip $(foreach l,$(OPTIONAL),$(shell pkg-config --exists $(l) || \
    printf '\043include <$(l).h>\n' | $(CC) -E -x c - >/dev/null 2>&1 && echo $(l)))))
FOUND_PC = $(call once,FOUND_PC,$(foreach l,$(FOUND),$(shell pkg-config --exists $(l) && echo $(l))))
FOUND_L  = $(addprefix -l,$(filter-out $(FOUND_PC),$(FOUND)))
DEFINE_readstat = -DMAXPOST_READSTAT
DEFINE_sqlite3  = -DMAXPOST_SQLITE3
OPT_CFLAGS = $(call once,OPT_CFLAGS,$(foreach l,$(FOUND),$(DEFINE_$(l))) \
    $(if $(FOUND_PC),$(shell pkg-config --cflags $(FOUND_PC))))
OPT_LIBS   = $(call once,OPT_LIBS,$(if $(FOUND_PC),$(shell pkg-config --libs $(FOUND_PC))) $(FOUND_L))
FEATURES  := $(BUILD)/features
ASKING    := src/io/readstat.c src/io/sqlite.c tests/unit/test_readstat.c tests/unit/test_sqlite.c

# The library sees src/ and include/; the program sees the public headers and its own.
BASE_FLAGS = $(STANDARD) $(WARNINGS) $(CFLAGS) $(OPENMP) -fvisibility=hidden -fPIC
LIB_FLAGS  = $(BASE_FLAGS) -Iinclude -Isrc $(DEP_CFLAGS) $(OPT_CFLAGS)
CLI_FLAGS  = $(BASE_FLAGS) -Iinclude -Isrc/cli
TEST_FLAGS = $(LIB_FLAGS) -Itests/unit
LINK       = $(CC) $(CFLAGS) $(OPENMP) $(LDFLAGS)

# ---- build ----------------------------------------------------------------------------------
.PHONY: all demo test check asan valgrind fuzz coverage lint format bench bench-report bench-small docs \
        install uninstall clean help always programs run-tests run-fuzz run-coverage
all: $(PROGRAM) $(STATIC) $(SHARED) $(PC) compile_commands.json

# A fresh machine is made ready (.ci/prepare exits 69 where it cannot be), then a sub-make builds.
demo:
	@.ci/prepare build
	@$(MAKE) all
	$(BUILD)/maxpost fit configs/diabetes-lasso.yaml

test:
	@.ci/prepare build test
	@$(MAKE) run-tests

$(BUILD)/src/cli/%.o: src/cli/%.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(CLI_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(LIB_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(TEST_FLAGS) -MMD -MP -c -o $@ $<

# Written when it changes.
$(FEATURES): always
	@mkdir -p $(@D)
	@echo '$(FOUND)' | cmp -s - $@ || echo '$(FOUND)' > $@
$(call objects,$(ASKING)): $(FEATURES)

$(STATIC): $(LIB_OBJECTS)
	$(if $(Q),@echo "  AR    $@")
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(SHARED): $(LIB_OBJECTS)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) -Wl,-z,relro -o $@ $^ $(DEP_LIBS)
	@ln -sf $(@F) $(BUILD)/libmaxpost.so

# The program takes the static library: one file less to find at each start.
$(BUILD)/maxpost: $(CLI_OBJECTS) $(STATIC)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(LINK) -o $@ $^ $(PROGRAM_LIBS)

# GSL is named in Libs.private, ahead of OpenBLAS, not in Requires.private: its own file would
# bring its slow CBLAS into static links.
$(PC): Makefile include/maxpost/base.h $(FEATURES)
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'includedir=$${prefix}/include' 'libdir=$${prefix}/lib' '' \
	    'Name: maxpost' 'Description: Bayesian maximum a posteriori estimation' \
	    'Version: $(VERSION)' 'Requires.private: openblas lapacke yaml-0.1 jansson zlib $(FOUND_PC)' \
	    'Libs: -L$${libdir} -lmaxpost' 'Libs.private: -lgsl $(FOUND_L) $(OPENMP) -lm' \
	    'Cflags: -I$${includedir}' > $@

# For editors and clang tools: what compiles each file.
compile_commands.json: Makefile $(FEATURES) $(LIB_SOURCES) $(CLI_SOURCES) $(TEST_SOURCES) $(TEST_SUPPORT)
	@{ echo '['; comma=; \
	  entry() { printf '%s{"directory": "%s", "file": "%s", "command": "%s -c %s"}\n' \
	            "$$comma" '$(CURDIR)' "$$2" "$$1" "$$2"; comma=','; }; \
	  for f in $(LIB_SOURCES); do entry '$(CC) $(LIB_FLAGS)' $$f; done; \
	  for f in $(CLI_SOURCES); do entry '$(CC) $(CLI_FLAGS)' $$f; done; \
	  for f in $(TEST_SOURCES) $(TEST_SUPPORT); do entry '$(CC) $(TEST_FLAGS)' $$f; done; \
	  echo ']'; } > $@

# ---- tests ----------------------------------------------------------------------------------
# Each test links with the static library, where the internal symbols are in reach.
$(TESTS): $(BUILD)/%: $(BUILD)/%.o $(SUPPORT) $(STATIC)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(LINK) -o $@ $^ $(TEST_LIBS) $(DEP_LIBS)

# Their allocator is their own, for the library's objects as well.
$(BUILD)/tests/unit/test_memory $(BUILD)/tests/unit/test_memory_fits: private LDFLAGS += \
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

# The program of a machine that has none of the optional libraries.
$(BUILD)/bare/%.o: src/io/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE_FLAGS) -Iinclude -Isrc -MMD -MP -c -o $@ $<
$(BUILD)/bare/maxpost: $(CLI_OBJECTS) $(BUILD)/bare/readstat.o $(BUILD)/bare/sqlite.o $(STATIC)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(LINK) -o $@ $^ $(DEP_LIBS)

programs: all $(TESTS) $(BUILD)/bare/maxpost

run-tests: programs
	@BUILD=$(BUILD) tests/run.sh

# The same tests with the address and undefined behaviour sanitizers; leaks are errors.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
asan:
	@.ci/prepare build test
	@ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
	    $(MAKE) run-tests BUILD=build/asan CFLAGS="-O1 -g $(SANITIZE)"

# The unit tests and some runs of the program; one thread, whose memory is all accounted for.
valgrind:
	@.ci/prepare build test valgrind
	@$(MAKE) programs
	@BUILD=$(BUILD) tests/valgrind.sh

# Lines of src/ that the tests reach.
coverage:
	@.ci/prepare build test
	@find build/coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) run-coverage BUILD=build/coverage CFLAGS="-O0 -g --coverage"
run-coverage: programs
	@BUILD=$(BUILD) tests/run.sh || echo "coverage: some tests failed"
	@tests/coverage.sh $(BUILD) $(LIB_SOURCES) $(CLI_SOURCES)

# Each tests/fuzz/fuzz_NAME.c with libFuzzer, for FUZZ_SECONDS; clang, without OpenMP.
FUZZ_SECONDS = 60
fuzz:
	@.ci/prepare build fuzz
	@$(MAKE) run-fuzz BUILD=build/fuzz CC=clang OPENMP= WERROR=0 CI= \
	    CFLAGS="-O1 -g -Wno-unknown-pragmas -fsanitize=fuzzer-no-link,address,undefined"
$(FUZZERS): $(BUILD)/%: $(BUILD)/%.o $(STATIC)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(DEP_LIBS)
run-fuzz: $(FUZZERS)
	$(if $(FUZZERS),,@echo "fuzz: there is no tests/fuzz/fuzz_*.c")
	@BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz.sh $(FUZZERS)

# Speed: every workload against every peer that is installed; tests/bench/bench.py says how.
#   W="w2 w5"  some workloads    SET=second  other sizes, correlations and seeds, and costs drawn
# Data and results are in BENCH_DIR, about 3 GB.
W =
SET = main
BENCH_DIR = $(BUILD)/bench-data
PYTHON = $(call once,PYTHON,$(firstword $(foreach p,python3 /usr/bin/python3,$(shell \
    $(p) -c 'import numpy' 2>/dev/null && echo $(p))) python3))
BENCH_PROGRAM := $(BUILD)/tests/bench/maxpost_bench
BENCH_PARTS   := $(call objects,tests/bench/maxpost_bench.c tests/bench/task.c)
$(BENCH_PARTS): $(BUILD)/tests/bench/%.o: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(BASE_FLAGS) -Iinclude -MMD -MP -c -o $@ $<
$(BENCH_PROGRAM): $(BENCH_PARTS) $(SHARED)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(LINK) -Wl,-rpath,'$$ORIGIN/../..' -o $@ $^ -lm
$(BUILD)/tests/bench/write_csv: $(BUILD)/tests/bench/write_csv.o
	$(Q)$(LINK) -o $@ $^
# Two that need no peers: the parser of decimals alone, and a small fit's whole process.
$(BENCHES): $(BUILD)/%: $(BUILD)/%.o $(STATIC)
	$(Q)$(LINK) -o $@ $^ $(DEP_LIBS)
bench: all $(BENCH_PROGRAM) $(BUILD)/tests/bench/write_csv
	@CC='$(CC)' $(PYTHON) tests/bench/bench.py --build $(BUILD) --data $(BENCH_DIR) --set $(SET) $(W)
# The document again, from the results of the last full runs.
bench-report:
	@$(PYTHON) -B tests/bench/report.py docs/benchmarks.md $(BENCH_DIR)
bench-small: all $(BENCHES)
	@set -e; for b in $(BENCHES); do echo "== $$b"; $$b; done

# ---- static checks --------------------------------------------------------------------------
# Floors, headers, exported symbols, sizes, format, lint, a clean tree.
check:
	@.ci/prepare build check
	@$(MAKE) all
	+@BUILD=$(BUILD) MAKE=$(MAKE) CC=$(CC) tests/check/run.sh

# clang-tidy, one stamp a file: only what changed is read again.
TIDY = $(patsubst %.c,$(BUILD)/lint/%.ok,$(LIB_SOURCES) $(CLI_SOURCES))
TIDY_FLAGS = $(STANDARD) -Wall -Wextra -Wno-unknown-pragmas -Iinclude
lint: $(TIDY)
$(BUILD)/lint/src/%.ok: src/%.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	$(if $(Q),@echo "  TIDY  $<")
	$(Q)clang-tidy --quiet $< -- $(TIDY_FLAGS) \
	    $(if $(filter src/cli/%,$<),-Isrc/cli,-Isrc $(DEP_CFLAGS) $(OPT_CFLAGS)) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

format:
	clang-format -i $(FORMATTED)

# ---- documents ------------------------------------------------------------------------------
# The man pages as plain text, to read before they are installed.
docs: $(patsubst %.1,$(BUILD)/docs/%.txt,$(notdir $(MAN_PAGES)))
	$(if $(MAN_PAGES),,@echo "docs: there is no man page yet")
vpath %.1 docs docs/man
$(BUILD)/docs/%.txt: %.1
	@mkdir -p $(@D)
	$(Q)man -l $< > $@

# ---- installation ---------------------------------------------------------------------------
TO = $(DESTDIR)$(PREFIX)
REAL = libmaxpost.so.$(VERSION)
install: all
	install -d $(TO)/bin $(TO)/lib/pkgconfig $(TO)/include/maxpost $(TO)/share/maxpost
	$(if $(PROGRAM),install -m 755 $(PROGRAM) $(TO)/bin/maxpost)
	install -m 644 $(STATIC) $(TO)/lib/libmaxpost.a
	install -m 755 $(SHARED) $(TO)/lib/$(REAL)
	ln -sf $(REAL) $(TO)/lib/libmaxpost.so.$(SOVERSION)
	ln -sf libmaxpost.so.$(SOVERSION) $(TO)/lib/libmaxpost.so
	install -m 644 $(PUBLIC) $(TO)/include/maxpost/
	sed 's|^prefix=.*|prefix=$(PREFIX)|' $(PC) > $(TO)/lib/pkgconfig/maxpost.pc
	cp -R $(wildcard models configs) $(TO)/share/maxpost/
	$(if $(MAN_PAGES),install -d $(TO)/share/man/man1)
	$(if $(MAN_PAGES),install -m 644 $(MAN_PAGES) $(TO)/share/man/man1/)
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || echo "run ldconfig as root to find the library"

uninstall:
	rm -f $(TO)/bin/maxpost $(TO)/lib/libmaxpost.* $(TO)/lib/pkgconfig/maxpost.pc
	rm -f $(addprefix $(TO)/share/man/man1/,$(notdir $(MAN_PAGES)))
	rm -rf $(TO)/include/maxpost $(TO)/share/maxpost

clean:
	rm -rf $(BUILD) compile_commands.json

help:
	@printf '%s\n' \
	    'make             the program build/maxpost and both libraries' \
	    'make demo        prepare this machine (Debian), build, fit configs/diabetes-lasso.yaml' \
	    'make test        prepare, build, run every test' \
	    'make check       static checks: floors, headers, symbols, sizes, format, lint' \
	    'make asan        the tests under the address and undefined behaviour sanitizers' \
	    'make valgrind    the unit tests and some runs under valgrind' \
	    'make coverage    the tests, and the lines of src/ that they reach' \
	    'make fuzz        the fuzzers, FUZZ_SECONDS=60 each' \
	    'make bench       speed against the peers that are installed; W="w2 w5", SET=second' \
    'make bench-small speed of the parts, without peers' \
	    'make lint        clang-tidy alone        make format   rewrite with clang-format' \
	    'make docs        the man pages as text' \
	    'make install     into PREFIX=/usr/local, below DESTDIR; make uninstall takes it away' \
	    'make clean       remove build/'

# What each object was made from, as the compiler saw it.
-include $(shell find $(BUILD)/src $(BUILD)/tests $(BUILD)/bare -name '*.d' 2>/dev/null)
