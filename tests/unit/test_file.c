/* Files: reading, atomic writing, directories, hashes. */
#include "io/file.h"
#include "io/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/maxpost-file-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static char *path_in(char path[256], const char *name)
{
    (void)snprintf(path, 256, "%s/%s", directory, name);
    return path;
}

static size_t entries(void)
{
    size_t count = 0;
    DIR *open = opendir(directory);

    assert_non_null(open);
    while (readdir(open))
        count++;
    (void)closedir(open);
    return count - 2; /* . and .. */
}

static int remove_directory(void **state)
{
    (void)state;
    char path[256];

    (void)rmdir(path_in(path, "x/y/z"));
    (void)rmdir(path_in(path, "x/y"));
    (void)rmdir(path_in(path, "x"));
    (void)unlink(path_in(path, "file"));
    return rmdir(directory);
}

static void assert_content(const char *path, const char *expected, size_t expected_length)
{
    char *bytes = NULL;
    size_t length = 0;
    mxp_error error = {0};

    assert_int_equal(file_read(&bytes, &length, path, &error), MXP_OK);
    assert_int_equal(length, expected_length);
    assert_memory_equal(bytes, expected, expected_length + 1);
    free(bytes);
}

static void test_write_and_read(void **state)
{
    (void)state;
    char path[256];
    struct stat info;
    const mode_t mask = umask(0022);
    mxp_error error = {0};

    path_in(path, "file");
    assert_int_equal(file_write(path, "a\0b\n", 4, &error), MXP_OK);
    assert_content(path, "a\0b\n", 4);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
    assert_int_equal(file_write(path, "", 0, &error), MXP_OK);
    assert_content(path, "", 0);
    assert_int_equal(entries(), 1);
    assert_int_equal(file_write("/dev/null", "x", 1, &error), MXP_OK);
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    (void)umask(mask);
}

static void test_large(void **state)
{
    (void)state;
    enum { LENGTH = 3000001 };
    char path[256], *big = malloc(LENGTH + 1);
    mxp_error error = {0};

    assert_non_null(big);
    for (size_t i = 0; i < LENGTH; i++)
        big[i] = (char)(i * 2654435761u >> 24);
    big[LENGTH] = '\0';
    assert_int_equal(file_write(path_in(path, "file"), big, LENGTH, &error), MXP_OK);
    assert_content(path, big, LENGTH);
    free(big);
}

static void test_read_failures(void **state)
{
    (void)state;
    char path[256], *bytes = NULL, expected[512];
    size_t length = 0;
    mxp_error error = {0};

    path_in(path, "missing");
    assert_int_equal(file_read(&bytes, &length, path, &error), MXP_NO_INPUT);
    (void)snprintf(expected, sizeof expected, "%s: cannot be opened: No such file or directory",
                   path);
    assert_string_equal(error.message, expected);
    assert_int_equal(file_read(&bytes, &length, directory, &error), MXP_NO_INPUT);
    (void)snprintf(expected, sizeof expected, "%s: is a directory, not a file", directory);
    assert_string_equal(error.message, expected);
    assert_int_equal(file_read(&bytes, &length, "/proc/self/mem", &error), MXP_IO);
    assert_null(bytes);
}

/* A failed write leaves the earlier file and nothing else. */
static void test_write_failures(void **state)
{
    (void)state;
    char path[256];
    mxp_error error = {0};
    const size_t before = entries();

    assert_int_equal(file_write(path_in(path, "none/file"), "x", 1, &error), MXP_CANNOT_CREATE);
    assert_int_equal(file_write(directory, "x", 1, &error), MXP_CANNOT_CREATE);
    assert_int_equal(entries(), before);
    if (access("/dev/full", W_OK) == 0)
        assert_int_equal(file_write("/dev/full", "x", 1, &error), MXP_IO);
}

static void test_directories(void **state)
{
    (void)state;
    char path[256];
    struct stat info;
    mxp_error error = {0};

    path_in(path, "x/y/z");
    assert_int_equal(file_make_directory(path, &error), MXP_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    assert_int_equal(file_make_directory(path_in(path, "x//y/z/"), &error), MXP_OK);
    assert_int_equal(file_make_directory("/", &error), MXP_OK);
    assert_int_equal(file_make_directory(".", &error), MXP_OK);
    assert_int_equal(file_make_directory("", &error), MXP_CANNOT_CREATE);
    assert_int_equal(file_write(path_in(path, "file"), "x", 1, &error), MXP_OK);
    assert_int_equal(file_make_directory(path_in(path, "file"), &error), MXP_CANNOT_CREATE);
    assert_int_equal(file_make_directory(path_in(path, "file/sub"), &error), MXP_CANNOT_CREATE);
}

static void test_beside(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"configs/run.yaml", "data/a.csv", "configs/data/a.csv"},
                                           {"run.yaml", "a.csv", "a.csv"},
                                           {"/etc/run.yaml", "../a", "/etc/../a"},
                                           {"configs/run.yaml", "/a.csv", "/a.csv"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = NULL;
        mxp_error error = {0};
        assert_int_equal(file_beside(&path, cases[i][0], cases[i][1], &error), MXP_OK);
        assert_string_equal(path, cases[i][2]);
        free(path);
    }
    assert_string_equal(file_name("a/b.csv"), "b.csv");
    assert_string_equal(file_name("b.csv"), "b.csv");
}

/* NIST's examples of FIPS 180-4: "abc", the text of two blocks, a million times "a"; the lengths
 * around a block are values of sha256sum (coreutils 9.1). */
static void test_hash(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        size_t times;
        const char *hex;
    } cases[] = {
        {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        {"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {"a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {"a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {"a", 119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {"a", 120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t unit = strlen(cases[i].unit), length = unit * cases[i].times;
        char *bytes = malloc(length + 1), hex[HASH_HEX_SIZE];
        struct hash hash;
        assert_non_null(bytes);
        for (size_t j = 0; j < length; j++)
            bytes[j] = cases[i].unit[j % unit];
        hash_bytes(hex, bytes, length);
        assert_string_equal(hex, cases[i].hex);
        hash_begin(&hash);
        for (size_t at = 0, step = 1; at < length; at += step, step = step % 131 + 1) {
            if (step > length - at)
                step = length - at;
            hash_add(&hash, bytes + at, step);
        }
        hash_end(&hash, hex);
        assert_string_equal(hex, cases[i].hex);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read), cmocka_unit_test(test_large),
        cmocka_unit_test(test_read_failures),  cmocka_unit_test(test_write_failures),
        cmocka_unit_test(test_directories),    cmocka_unit_test(test_beside),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
