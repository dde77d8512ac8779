// The test is that this links; see CMakeLists.txt.
int main() { return 0; }
