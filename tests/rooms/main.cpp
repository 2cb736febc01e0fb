// A program that does nothing: whether it links with a whole room and what that room uses is the test.
int main() {}
